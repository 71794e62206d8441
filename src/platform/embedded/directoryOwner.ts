import fs from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import { processMark } from './processIdentity.ts';

export type DirectoryClaim = {
  release(): void;
};

/**
 * Makes this process the only one that works with `dir`, by an `owner.pid` in it. Two servers on one data folder
 * would end each other's database as an orphan. A file whose process has ended, or whose number now belongs to
 * another process, is stale and taken over.
 */
export function claimDirectory(dir: string): DirectoryClaim {
  const file = path.join(dir, 'owner.pid');
  const mine = `${process.pid}\n${processMark(process.pid) ?? ''}\n`;
  // Written beside and linked, so that nobody ever reads half a file.
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, mine, { mode: 0o600 });
  try {
    takeOver(file, draft, dir);
  } finally {
    fs.rmSync(draft, { force: true });
  }
  return {
    release() {
      if (readOwner(file) === mine) fs.rmSync(file, { force: true });
    },
  };
}

function takeOver(file: string, draft: string, dir: string): void {
  if (linkIfAbsent(draft, file)) return;
  const previous = readOwner(file);
  if (ownerRuns(previous)) throw inUse(dir, previous);
  // Moved away rather than deleted: if another starter was faster, what is moved is its claim, and it goes back.
  const stale = `${draft}.stale`;
  try {
    fs.renameSync(file, stale);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
  const moved = readOwner(stale);
  if (moved !== previous && ownerRuns(moved)) linkIfAbsent(stale, file);
  fs.rmSync(stale, { force: true });
  if (!linkIfAbsent(draft, file)) throw inUse(dir, readOwner(file));
}

function linkIfAbsent(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function readOwner(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function ownerRuns(owner: string): boolean {
  const [pid = '', mark = ''] = owner.split('\n');
  return mark !== '' && processMark(Number(pid)) === mark;
}

function inUse(dir: string, owner: string): EmbeddedPostgresError {
  const pid = owner.split('\n')[0] || 'unknown';
  const who = Number(pid) === process.pid ? 'this process already' : `process ${pid}`;
  return new EmbeddedPostgresError(
    `The embedded database in ${dir} is in use by ${who}. Stop that process, or set DATA_DIR to another folder, ` +
      `or set DATABASE_URL to a database of your own.`,
  );
}
