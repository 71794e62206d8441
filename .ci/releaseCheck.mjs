// What must be true of a commit that becomes a release: `npm run release:check`. Prints each fault with its remedy; the
// status is 1 if there is one. The tests are not run here: the last line names them.
//
//   node .ci/releaseCheck.mjs [FOLDER]
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const { version } = readJson('package.json');
const faults = [
  ...checkLockfile(),
  ...checkChangelog(),
  ...checkApiDocument(),
  ...checkPinnedPackages(),
  ...checkWorkingTree(),
];

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else {
  console.log(
    `${version} is ready for the gate: run .ci/run on a clean checkout; it must end with "0 failed".`,
  );
  console.log(`Then: git tag -a v${version} -m v${version}`);
}

function* checkLockfile() {
  const locked = readJson('package-lock.json').version;
  if (locked !== version)
    yield `package-lock.json: version is ${locked}, package.json says ${version}; run npm install --package-lock-only`;
}

/** `## [Unreleased]`, empty, then `## [VERSION] - DATE`. */
function* checkChangelog() {
  const headings = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\](?: - (\S+))?$/gm)];
  const [unreleased, latest] = headings;
  if (unreleased?.[1] !== 'Unreleased') {
    yield 'CHANGELOG.md: the first section is not [Unreleased]; add it, empty';
    return;
  }
  const text = read('CHANGELOG.md').slice(unreleased.index + unreleased[0].length, latest?.index);
  if (text.trim() !== '') yield `CHANGELOG.md: [Unreleased] has entries; move them to [${version}]`;
  if (latest?.[1] !== version) {
    yield `CHANGELOG.md: the latest release is ${latest?.[1] ?? 'missing'}, package.json says ${version}; add its section`;
    return;
  }
  if (!isPastDate(latest[2] ?? ''))
    yield `CHANGELOG.md: [${version}] has the date ${latest[2] ?? '(none)'}; write ## [${version}] - YYYY-MM-DD, not in the future`;
}

function* checkApiDocument() {
  const name = `docs/openapi/${version}.json`;
  if (!existsSync(path.join(root, name))) {
    yield `${name}: missing; save /openapi.json of a server of this version`;
    return;
  }
  const documented = readJson(name).info?.version;
  if (documented !== version)
    yield `${name}: info.version is ${documented}; save /openapi.json of a server of this version`;
}

function* checkPinnedPackages() {
  const { dependencies, devDependencies, optionalDependencies } = readJson('package.json');
  for (const [name, range] of Object.entries({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
  })) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      yield `package.json: ${name} is "${range}"; pin one version (npm install --save-exact)`;
  }
}

function* checkWorkingTree() {
  const changes = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (changes !== '') yield `git: uncommitted changes; commit or remove them:\n${changes.trimEnd()}`;
}

function isPastDate(text) {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  // An impossible day such as 02-30 rolls over to another.
  return at <= Date.now() && new Date(at).toISOString().startsWith(text);
}

function readJson(name) {
  return JSON.parse(read(name));
}

function read(name) {
  return readFileSync(path.join(root, name), 'utf8');
}
