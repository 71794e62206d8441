import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type SmallDisk = {
  path: string;
  /** Writes a file until nothing more fits. */
  fill(): void;
  empty(): void;
  unmount(): Promise<void>;
};

/** A disk in memory, of so many megabytes. Only root may mount one. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  fs.mkdirSync(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder]);
  const filler = path.join(folder, 'filler');
  return {
    path: folder,
    fill() {
      const file = fs.openSync(filler, 'a');
      try {
        // Ever smaller, until not a byte is left.
        for (let bytes = 1_048_576; bytes >= 1;) {
          try {
            if (fs.writeSync(file, Buffer.alloc(bytes)) < bytes) bytes = Math.floor(bytes / 2);
          } catch {
            bytes = Math.floor(bytes / 2);
          }
        }
      } finally {
        fs.closeSync(file);
      }
    },
    empty: () => fs.rmSync(filler, { force: true }),
    async unmount() {
      await run('umount', ['--lazy', folder]);
    },
  };
}
