import fs from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import { processMark, readOrEmpty } from './processIdentity.ts';

/**
 * Locks `dir` for this process by an `owner.pid` in it: two servers on one data folder would end each other's database
 * as an orphan. A file whose process has ended, or whose pid has been reused, is stale and replaced.
 */
export function claimDirectory(dir: string): { release(): void } {
  const file = path.join(dir, 'owner.pid');
  const mine = `${process.pid}\n${processMark(process.pid) ?? ''}\n`;
  // Written to a draft and linked, so that no process reads an incomplete file.
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, mine, { mode: 0o600 });
  try {
    replaceStale(file, draft, dir);
  } finally {
    fs.rmSync(draft, { force: true });
  }
  return {
    release() {
      if (readOrEmpty(file) === mine) fs.rmSync(file, { force: true });
    },
  };
}

function replaceStale(file: string, draft: string, dir: string): void {
  if (linkIfAbsent(draft, file)) return;
  const previous = readOrEmpty(file);
  if (ownerRuns(previous)) throw inUse(dir, previous);
  // Moved rather than deleted: if another process was faster, the moved file is its claim and is put back.
  const stale = `${draft}.stale`;
  try {
    fs.renameSync(file, stale);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
  const moved = readOrEmpty(stale);
  if (moved !== previous && ownerRuns(moved)) linkIfAbsent(stale, file);
  fs.rmSync(stale, { force: true });
  if (!linkIfAbsent(draft, file)) throw inUse(dir, readOrEmpty(file));
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

function ownerRuns(owner: string): boolean {
  const [pid = '', mark = ''] = owner.split('\n');
  return mark !== '' && processMark(Number(pid)) === mark;
}

function inUse(dir: string, owner: string): EmbeddedPostgresError {
  const pid = owner.split('\n')[0] || 'unknown';
  const who = Number(pid) === process.pid ? 'this process already' : `process ${pid}`;
  return new EmbeddedPostgresError(
    `The embedded database in ${dir} is in use by ${who}. Stop that process, or set DATA_DIR to another folder, ` +
      `or set DATABASE_URL to an external database.`,
  );
}
