import fs from 'node:fs';

/** Puts a rename in the directory on the disk: without it, a power cut can undo the rename. Windows has nothing like it. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
