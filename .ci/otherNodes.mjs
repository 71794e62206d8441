// Types, unit specs and the smoke on each Node line that people have, beside the one that runs the whole gate. Their binaries
// come from npm. Prints what fails and writes `{ "passed": N, "failed": N, "summary": [line, …] }` to the file it is given.
//
//   node .ci/otherNodes.mjs RESULT.json [22 24 26]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = path.join(root, '.cache/nodes');
const [resultFile, ...named] = process.argv.slice(2);
const lines = named.length > 0 ? named : ['22', '24', '26'];
const result = { passed: 0, failed: 0, summary: [] };

for (const line of lines) {
  const node = install(line);
  if (node === null) {
    count(line, 'the binary', 0, 1);
    continue;
  }
  // The first Node leaves what it has checked to the next ones.
  const known = ['--incremental', '--tsBuildInfoFile', path.join(cache, 'types.tsbuildinfo')];
  const types = run(node, ['node_modules/typescript/bin/tsc', '--noEmit', ...known]);
  count(line, 'types', Number(types === 0), Number(types !== 0));
  countSpecs(line, node);
  const smoke = run(node, ['.ci/smoke.mjs']);
  count(line, 'smoke', Number(smoke === 0), Number(smoke !== 0));
}
writeFileSync(resultFile, JSON.stringify(result));

/** The binary's path; `null`: npm has none, or it does not run here. */
function install(line) {
  // The package `node` is no more than an install script that chooses among these.
  const { platform, arch } = process;
  const name = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
  const folder = path.join(cache, line);
  mkdirSync(folder, { recursive: true });
  // Not the project's settings: this folder is no part of it.
  spawnSync(
    'npm',
    ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--silent', `${name}@${line}`],
    {
      stdio: 'inherit',
    },
  );
  const node = path.join(folder, 'node_modules', name, 'bin/node');
  return existsSync(node) && run(node, ['--version']) === 0 ? node : null;
}

function countSpecs(line, node) {
  const file = `${resultFile}.${line}`;
  rmSync(file, { force: true });
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const status = run(node, [...jest, 'test/unit', '--json', `--outputFile=${file}`, '--forceExit']);
  if (!existsSync(file)) return count(line, 'unit specs', 0, 1);
  const specs = JSON.parse(readFileSync(file, 'utf8'));
  const failed = specs.numFailedTests + specs.numRuntimeErrorTestSuites;
  count(line, 'unit specs', specs.numPassedTests, failed === 0 && status !== 0 ? 1 : failed);
}

function count(line, what, passed, failed) {
  result.passed += passed;
  result.failed += failed;
  result.summary.push(`Node ${line}, ${what}: ${passed} passed, ${failed} failed`);
  console.log(result.summary.at(-1));
}

/** With this Node first on the PATH, for what starts others by name. */
function run(node, args) {
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  return spawnSync(node, args, { cwd: root, env, stdio: 'inherit' }).status;
}
