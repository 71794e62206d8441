// Builds `dist`, first beside it and then in its place: a running server never misses a page, and a build that fails or is
// ended changes nothing.
//
//   node .ci/build.mjs             builds, or fails: npm run build
//   node .ci/build.mjs --install   after npm install: without development packages it skips the build
//   node .ci/build.mjs --start     before a start: builds unless `dist` is of these sources, or cannot be built here
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
/** On the file system of `dist`, ignored by git and the formatter. */
const BESIDE = path.join(ROOT, '.cache', `dist-${process.pid}`);
const NEEDED = ['typescript', 'vite'];
/** What a build reads. */
const INPUTS = [
  'src',
  '.ci/build.mjs',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'vite.config.ts',
];
/** The hash of it, in `dist`. In the pages' folder: a build of the pages alone empties that, and the next start builds. */
const HASH_FILE = 'dashboard/inputs.sha256';

/** The current step of the build, and whether a signal asked this process to end. */
let running = null;
let isEnded = false;

const [purpose] = process.argv.slice(2);
const missing = NEEDED.filter((name) => !isInstalled(name));
if (missing.length === 0) {
  if (purpose !== '--start' || !isCurrent()) await build();
} else withoutTools(`${missing.join(' and ')}, which are development packages, are not installed`);

async function build() {
  console.log('Building …');
  // Before the build: a source that changes meanwhile makes the next start build again.
  const hash = hashInputs();
  endWithSignals();
  process.once('exit', () => rmSync(BESIDE, { recursive: true, force: true }));
  const next = path.join(BESIDE, 'next');
  mkdirSync(next, { recursive: true });
  await run('typescript/bin/tsc', '-p', 'src/tsconfig.json', '--outDir', next);
  // The package's client again, with its types.
  await run('typescript/bin/tsc', '-p', 'src/client/tsconfig.json', '--outDir', next);
  await run(
    'vite/bin/vite.js',
    'build',
    '--config',
    'vite.config.ts',
    '--outDir',
    path.join(next, 'dashboard'),
  );
  writeFileSync(path.join(next, HASH_FILE), hash);
  // A rename cannot replace a folder that is not empty.
  if (existsSync(DIST)) renameSync(DIST, path.join(BESIDE, 'old'));
  renameSync(next, DIST);
}

/** Whether `dist` was built from the present sources. */
function isCurrent() {
  const file = path.join(DIST, HASH_FILE);
  return existsSync(file) && readFileSync(file, 'utf8') === hashInputs();
}

/** By content: a checkout or a copy changes times and not what is built. */
function hashInputs() {
  const hash = createHash('sha256');
  for (const file of INPUTS.flatMap(listFiles)) {
    hash.update(`${file}\0`).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** The file itself, or the files below a folder. */
function listFiles(input) {
  const stats = statSync(path.join(ROOT, input), { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats ? [input] : [];
  return readdirSync(path.join(ROOT, input))
    .sort()
    .flatMap((name) => listFiles(path.join(input, name)));
}

/** Ends this process if the program fails. */
async function run(program, ...args) {
  const file = path.join(ROOT, 'node_modules', program);
  // In a process group: tsc runs another program, which would continue to write after tsc has ended.
  running = spawn(process.execPath, [file, ...args], { cwd: ROOT, stdio: 'inherit', detached: true });
  const group = running.pid;
  const [status] = await once(running, 'close');
  running = null;
  if (isEnded) await endOf(group);
  if (isEnded || status !== 0) process.exit(status || 1);
}

/** Registered before the first step, so that a signal between two steps ends the build as well. */
function endWithSignals() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      isEnded = true;
      // Nothing of an unfinished build is kept, so its programs need no time to end.
      if (running?.pid) process.kill(-running.pid, 'SIGKILL');
    });
  }
}

/** Until no process of the group writes any more, 5 s at most: the folder is removed afterwards. */
async function endOf(group) {
  for (let looks = 0; looks < 500 && isAlive(group); looks += 1) await sleep(10);
}

function isAlive(group) {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
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
