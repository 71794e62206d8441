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

/** The program that builds now, and whether this process was asked to end. */
let running = null;
let isEnded = false;

const [purpose] = process.argv.slice(2);
const missing = NEEDED.filter((name) => !isInstalled(name));
if (missing.length === 0) await build();
else withoutTools(`${missing.join(' and ')}, which are development packages, are not installed`);

async function build() {
  console.log('Building …');
  endWithSignals();
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

/** Ends this process when the program fails. */
async function run(program, ...args) {
  const file = path.join(ROOT, 'node_modules', program);
  // A group of its own: tsc runs another program, which would go on writing when tsc alone is ended.
  running = spawn(process.execPath, [file, ...args], { cwd: ROOT, stdio: 'inherit', detached: true });
  const [status] = await once(running, 'close');
  running = null;
  if (isEnded || status !== 0) process.exit(status || 1);
}

/** From the first moment on, so that no signal meets the build between two programs. */
function endWithSignals() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      isEnded = true;
      if (running?.pid) process.kill(-running.pid, signal);
    });
  }
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
