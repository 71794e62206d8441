// Builds `dist`: beside it first, in its place at the end. A server that runs from it never misses a page, and a build that
// fails or is ended changes nothing.
//
//   node .ci/build.mjs             builds, or fails: npm run build
//   node .ci/build.mjs --install   after npm install: without development packages there is nothing to build with, which is no fault
//   node .ci/build.mjs --start     before a start: without development packages, what is built runs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
/** On the file system of `dist`, out of git and of the formatter. */
const BESIDE = path.join(ROOT, '.cache', `dist-${process.pid}`);
const NEEDED = ['typescript', 'vite'];

const [purpose] = process.argv.slice(2);
const missing = NEEDED.filter((name) => !isInstalled(name));
if (missing.length === 0) await build();
else withoutTools(`${missing.join(' and ')}, which are development packages, are not installed`);

async function build() {
  console.log('Building …');
  process.once('exit', () => rmSync(BESIDE, { recursive: true, force: true }));
  const next = path.join(BESIDE, 'next');
  mkdirSync(next, { recursive: true });
  await run('typescript/bin/tsc', '-p', 'src/tsconfig.json', '--outDir', next);
  await run(
    'vite/bin/vite.js',
    'build',
    '--config',
    'vite.config.ts',
    '--outDir',
    path.join(next, 'dashboard'),
  );
  // A rename cannot replace a folder that has something in it.
  if (existsSync(DIST)) renameSync(DIST, path.join(BESIDE, 'old'));
  renameSync(next, DIST);
}

/** Ends this process, and what it runs, when either fails or is ended. */
async function run(program, ...args) {
  const file = path.join(ROOT, 'node_modules', program);
  const child = spawn(process.execPath, [file, ...args], { cwd: ROOT, stdio: 'inherit' });
  const stop = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
  const [status] = await once(child, 'close');
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  if (status !== 0) process.exit(status ?? 1);
}

function withoutTools(reason) {
  if (purpose === '--start' && existsSync(path.join(DIST, 'server/main.js'))) return;
  const isFault = purpose !== '--install';
  const remedy = isFault ? 'run npm ci, or bring dist along' : 'bring dist along';
  console[isFault ? 'error' : 'log'](`not built: ${reason}; ${remedy}`);
  process.exitCode = isFault ? 1 : 0;
}

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
