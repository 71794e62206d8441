import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeError } from '../../kit/errors.ts';
import { syncDirectory } from '../../kit/syncDirectory.ts';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';
import type { PostgresBinaries } from './postgresBinaries.ts';
import type { ProcessOwner } from './processOwner.ts';
import { programEnvironment } from './programEnvironment.ts';

type DataDirectoryOptions = {
  dir: string;
  binaries: PostgresBinaries;
  owner: ProcessOwner;
  durable: boolean;
};

/**
 * Creates the cluster under `dir` unless it exists. It is created under another name and renamed, so that an interrupted
 * start leaves nothing that looks like a database.
 */
export async function prepareDataDirectory(
  options: DataDirectoryOptions,
): Promise<{ data: string; password: string }> {
  const { dir, owner } = options;
  const data = path.join(dir, 'pgdata');
  const passwordFile = path.join(dir, 'password');
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) await initialise({ ...options, data, passwordFile });
  else changeOwner(data, owner);
  if (!fs.existsSync(passwordFile)) {
    throw new EmbeddedPostgresError(
      `${passwordFile} is missing, and without it the database beside it cannot be opened. ` +
        'Restore it, or set DATA_DIR to another folder for an empty database.',
    );
  }
  return { data, password: fs.readFileSync(passwordFile, 'utf8').trim() };
}

async function initialise(
  options: DataDirectoryOptions & { data: string; passwordFile: string },
): Promise<void> {
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
    // The owner's account may not be allowed to enter the current folder.
    await promisify(execFile)(file, args, { cwd: '/', env: programEnvironment() });
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded database could not be created in ${options.dir} (${owner.how}): ${describeError(cause)}`,
      { cause },
    );
  }
  fs.renameSync(draft, data);
  if (durable) syncDirectory(options.dir);
}

/**
 * PostgreSQL must own its files. As root, an earlier start may have used another account, for instance before user
 * namespaces were allowed or forbidden.
 */
function changeOwner(data: string, owner: ProcessOwner): void {
  const uid = owner.uid ?? process.getuid?.();
  if (process.getuid?.() !== 0 || uid === undefined || fs.statSync(data).uid === uid) return;
  for (const entry of fs.readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(path.join(data, entry), uid, uid);
  }
  // Last, so that the next start repeats an interrupted change.
  fs.lchownSync(data, uid, uid);
}
