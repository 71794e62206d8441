import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeError } from '../../kit/errors.ts';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import type { PostgresBinaries } from './postgresBinaries.ts';
import type { ProcessOwner } from './processOwner.ts';
import { programEnvironment } from './programEnvironment.ts';

export type DataDirectory = {
  data: string;
  password: string;
};

/**
 * The cluster's files under `dir`, made if they are not there. They are made under another name and renamed, so that
 * a start that is cut short leaves nothing that looks like a database.
 */
export async function prepareDataDirectory(options: {
  dir: string;
  binaries: PostgresBinaries;
  owner: ProcessOwner;
  durable: boolean;
}): Promise<DataDirectory> {
  const { dir, owner } = options;
  const data = path.join(dir, 'pgdata');
  const passwordFile = path.join(dir, 'password');
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) await initialise({ ...options, data, passwordFile });
  else handOver(data, owner);
  if (!fs.existsSync(passwordFile)) {
    throw new EmbeddedPostgresError(
      `${passwordFile} is missing, without it nobody can sign in to the database beside it. ` +
        'Restore it, or set DATA_DIR to another folder to begin with an empty database.',
    );
  }
  return { data, password: fs.readFileSync(passwordFile, 'utf8').trim() };
}

async function initialise(options: {
  dir: string;
  data: string;
  passwordFile: string;
  binaries: PostgresBinaries;
  owner: ProcessOwner;
  durable: boolean;
}): Promise<void> {
  const { data, passwordFile, binaries, owner, durable } = options;
  const draft = `${data}.init`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  if (owner.uid !== undefined) fs.chownSync(draft, owner.uid, owner.uid);
  fs.writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  const { file, args } = owner.command(binaries.initdb, [
    `--pgdata=${draft}`,
    '--username=postgres',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    // The root folder is one that every account may stand in.
    await promisify(execFile)(file, args, { cwd: '/', env: programEnvironment() });
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded database could not be made in ${options.dir} (${owner.how}): ${describeError(cause)}`,
      { cause },
    );
  }
  fs.renameSync(draft, data);
  if (durable) syncDirectory(options.dir);
}

/** Until the folder itself is on disk, a power cut can undo the rename. */
function syncDirectory(dir: string): void {
  if (process.platform === 'win32') return;
  const handle = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * PostgreSQL wants to own its files. Root may find them owned by the account of an earlier start, for instance when
 * user namespaces have been allowed or forbidden since.
 */
function handOver(data: string, owner: ProcessOwner): void {
  const uid = owner.uid ?? process.getuid?.();
  if (process.getuid?.() !== 0 || uid === undefined || fs.statSync(data).uid === uid) return;
  for (const entry of fs.readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(path.join(data, entry), uid, uid);
  }
  // Last, so that a hand-over that is cut short is taken up again.
  fs.lchownSync(data, uid, uid);
}
