import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { aChunk } from '../support/builders.ts';
import { postChunk, readBoard } from '../support/openInterestCalls.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer } from '../support/withServer.ts';

const FOLDER = path.resolve('src/client');

const { server } = withServer();
afterAll(() => void example?.kill('SIGKILL'));
let example: ChildProcess | undefined;

/** Runs the README's example verbatim, in the folder it describes. */
function runExample(env: Record<string, string>): { output: () => string } {
  const [, code] = /```ts\n(.*?)```/s.exec(readFileSync(path.join(FOLDER, 'README.md'), 'utf8')) ?? [];
  let output = '';
  example = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code!], {
    cwd: FOLDER,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  example.stdout!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  example.stderr!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return { output: () => output };
}

describe('example in the README of the sync folder', () => {
  it('logs the board and every change of it', async () => {
    await postChunk(server, aChunk(['BTCUSDT', 'ETHUSDT'], { item: { openInterestUsd: 8_445_361_234 } }));
    const { output } = runExample({ OI_URL: server.url, OI_TOKEN: await server.token('pro') });
    await waitFor(
      `the first board, in: ${output()}`,
      () => output().includes('2 symbols, BTC 8445361234 USD') || null,
    );

    const later = { ts: Date.now() + 1_000, item: { openInterestUsd: 9_000_000_000 } };
    await postChunk(server, aChunk(['BTCUSDT', 'SOLUSDT'], later));
    await waitFor('the change', () => output().includes('3 symbols, BTC 9000000000 USD') || null);
    const { seq } = await readBoard(server);
    expect(output()).toContain(`seq ${seq}: 3 symbols`);
  });
});
