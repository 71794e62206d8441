import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aChunk } from '../support/builders.ts';
import { postChunk } from '../support/openInterestCalls.ts';
import { createTempDir } from '../support/tempDir.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer } from '../support/withServer.ts';

const PACKAGE = 'volspike-open-interest';

const { server } = withServer();
const dir = createTempDir();
const project = path.join(dir.path, 'project');
beforeAll(installClient);
afterAll(() => {
  program?.kill('SIGKILL');
  dir.remove();
});
let program: ChildProcess | undefined;

/** A project with the packed client and the two packages that it needs: no React, no compiler. */
function installClient(): void {
  const source = path.join(dir.path, 'source');
  const modules = path.join(project, 'node_modules');
  mkdirSync(source);
  mkdirSync(modules, { recursive: true });
  cpSync('package.json', path.join(source, 'package.json'));
  run('node_modules/typescript/bin/tsc', '-p', 'src/client/tsconfig.json', '--outDir', `${source}/dist`);
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', dir.path], {
    cwd: source,
    encoding: 'utf8',
  });
  expect(packed).toMatchObject({ status: 0 });
  spawnSync('tar', ['-xzf', path.join(dir.path, packed.stdout.trim()), '-C', modules]);
  renameSync(path.join(modules, 'package'), path.join(modules, PACKAGE));
  for (const name of ['socket.io-client', 'zod'])
    symlinkSync(path.resolve('node_modules', name), path.join(modules, name));
  writeFileSync(path.join(project, 'package.json'), '{"type": "module"}');
}

function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
}

/** The example of a README, followed until it is killed. */
function runExample(readme: string): () => string {
  const [, example] = /```js\n(.*?)```/s.exec(readFileSync(readme, 'utf8')) ?? [];
  writeFileSync(path.join(project, 'example.js'), example!.replace('http://localhost:3001', server.url));
  let output = '';
  program = spawn(process.execPath, ['example.js'], {
    cwd: project,
    env: { PATH: process.env['PATH'], PRO_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.stdout!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  program.stderr!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return () => output;
}
let token: string;

describe('the packed client', () => {
  it('follows a server in the three lines of both READMEs', async () => {
    const [first, second] = ['README.md', 'src/client/README.md'].map((name) => readFileSync(name, 'utf8'));
    const [, example] = /```js\n(.*?)```/s.exec(first!) ?? [];
    expect(example!.trim().split('\n')).toHaveLength(3);
    expect(second).toContain(example);

    token = await server.token('pro');
    await postChunk(server, aChunk(['BTCUSDT', 'ETHUSDT'], { item: { openInterestUsd: 8_445_361_234 } }));
    const output = runExample('README.md');
    await waitFor('the first board', () => /live 2 .*openInterestUsd: 8445361234,/s.test(output()) || null);

    const later = { ts: Date.now() + 1_000, item: { openInterestUsd: 9_000_000_000 } };
    await postChunk(server, aChunk(['BTCUSDT', 'SOLUSDT'], later));
    await waitFor('the change', () => /live 3 .*openInterestUsd: 9000000000,/s.test(output()) || null);
  });

  it('has types that a strict project can compile, with and without those of a browser', () => {
    writeFileSync(
      path.join(project, 'typed.ts'),
      `import { followBoard, type BoardRow, type BoardState } from '${PACKAGE}/client';
       const board = followBoard('https://oi.example.com', { token: async () => 'token' });
       const end: () => void = board.subscribe(({ rows, status, refusal }: BoardState) => {
         const row: BoardRow | undefined = rows.get('BTCUSDT');
         const usd: number | null | undefined = row?.openInterestUsd;
         if (status === 'refused') console.log(refusal?.code, refusal?.remedy, usd);
       });
       // @ts-expect-error: there is no such status
       if (board.state().status === 'gone') end();`,
    );
    for (const lib of [['es2023', 'dom'], ['es2023']]) {
      const compilerOptions = {
        ...{ lib, types: ['node'], typeRoots: [path.resolve('node_modules/@types')] },
        ...{ module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true },
      };
      writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      run('node_modules/typescript/bin/tsc', '-p', project);
    }
  });
});
