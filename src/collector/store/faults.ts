/** SQLite's result codes; the low byte of an extended one. */
const BUSY = 5;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** True for a full disk, a full store and a failing disk: the process continues without it for the moment. */
export function isStorageFault(thrown: unknown): boolean {
  return [FULL, IOERR, READONLY, CANTOPEN, NOMEM].includes(resultCode(thrown));
}

/** True when another process has the file open. */
export function isLocked(thrown: unknown): boolean {
  return resultCode(thrown) === BUSY;
}

/** True for a file that is no database, or a broken one. */
export function isTorn(thrown: unknown): boolean {
  return [CORRUPT, NOTADB].includes(resultCode(thrown));
}

/** What `quick_check` finds, as the error that reading there would be. */
export function tornError(found: string): Error {
  return Object.assign(new Error(found), { errcode: CORRUPT });
}

/** 0 for what is no error of SQLite. */
function resultCode(thrown: unknown): number {
  const { errcode } = (thrown ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : 0;
}
