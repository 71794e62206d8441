import fs from 'node:fs';
import path from 'node:path';

/**
 * Small JSON files that others read while we write them. A write makes a new file beside the old one and renames it over
 * it, so that a reader, and a restart after a crash, finds the old content or the new one and never half of either.
 */
export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const draft = draftOf(file);
  try {
    await fs.promises.writeFile(draft, JSON.stringify(value));
    await fs.promises.rename(draft, file);
  } catch (thrown) {
    await fs.promises.rm(draft, { force: true });
    throw thrown;
  }
}

/**
 * The same, and on disk when it returns: for what must hold after a power cut. It blocks, so it is for what is written
 * seldom and must be written before anything else happens.
 */
export function writeJsonFileDurably(file: string, value: unknown): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = draftOf(file);
  try {
    fs.writeFileSync(draft, JSON.stringify(value), { flush: true });
    fs.renameSync(draft, file);
    syncDirectory(path.dirname(file));
  } catch (thrown) {
    fs.rmSync(draft, { force: true });
    throw thrown;
  }
}

/** `undefined`: there is no such file, or it holds no JSON (any more, yet). Other faults of the disk are thrown. */
export function readOptionalJsonFile(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  return parseOptionalJson(text);
}

/** `undefined`: this is not JSON, or breaks off. */
export function parseOptionalJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

let drafts = 0;

/** Of this process and this write alone: two writers of one file must not rename each other's half. */
function draftOf(file: string): string {
  drafts += 1;
  return `${file}.${process.pid}.${drafts}.tmp`;
}

/** The rename itself is a change of the directory. */
function syncDirectory(directory: string): void {
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
