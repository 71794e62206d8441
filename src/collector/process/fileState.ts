import fs from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../kit/parseJson.ts';
import { syncDirectory } from '../../kit/syncDirectory.ts';

/**
 * Writes a small JSON file that other programs read meanwhile: into a new file that is renamed over the old one, so that a
 * reader, and a restart after a crash, find either the old or the new content.
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
 * The same, and on disk when it returns, for what must survive a power cut. It blocks, so use it for rare writes that must
 * precede everything else.
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

/** `undefined`: the file is missing or not JSON. Other faults of the disk are thrown. */
export function readOptionalJsonFile(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  return parseJson(text);
}

let drafts = 0;

/** Unique to this write: two writers of one file must not rename each other's draft. */
function draftOf(file: string): string {
  drafts += 1;
  return `${file}.${process.pid}.${drafts}.tmp`;
}
