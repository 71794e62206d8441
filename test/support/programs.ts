import { transformFile } from '@swc/core';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Where they are, also for spec files and their children, which run in processes of their own. */
const FOLDER = 'TEST_RUN_PROGRAMS';

/** As a constant: the package's types do not know the option for relative imports. */
const COMPILER = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2023', rewriteRelativeImportExtensions: true },
  module: { type: 'es6' },
} as const;

/**
 * Compiles the programs of `src` into `folder/dist`, as `npm run build` does but in half a second, and those of this
 * folder beside them, for `programFile`. A child starts in half the time that it needs to compile its sources.
 */
export async function compilePrograms(folder: string): Promise<void> {
  await Promise.all([
    compileFolder('src', path.join(folder, 'dist')),
    compileFolder('test/support', path.join(folder, 'test/support')),
    compileFolder('test/conformance/clients', path.join(folder, 'test/conformance/clients')),
  ]);
  for (const name of ['node_modules', 'migrations', 'package.json', '.env.example']) {
    fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
  }
  // The programs of the tests import `src`.
  fs.symlinkSync('dist', path.join(folder, 'src'));
  process.env[FOLDER] = folder;
}

/** The compiled file of a program, e.g. `dist/collector/main.js`. */
export function programFile(name: string): string {
  const folder = process.env[FOLDER];
  if (!folder) throw new Error(`${FOLDER} is not set: run specs by npm run test:jest`);
  return path.join(folder, name);
}

async function compileFolder(from: string, to: string): Promise<void> {
  const source = path.join(ROOT, from);
  const names = fs.readdirSync(source, { recursive: true, encoding: 'utf8' });
  await Promise.all(
    names
      .filter((name) => name.endsWith('.ts') && !name.startsWith('dashboard'))
      .map(async (name) => {
        const { code } = await transformFile(path.join(source, name), COMPILER);
        const file = path.join(to, name.replace(/\.ts$/, '.js'));
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, code);
      }),
  );
}
