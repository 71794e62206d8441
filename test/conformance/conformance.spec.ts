import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { requirePythonSocketIo } from '../support/installedTool.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { programFile } from '../support/programs.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { startClient } from './clientProcess.ts';
import { startMessageProxy, type MessageProxy } from './messageProxy.ts';
import { runScenario, writeToken, type Step } from './scenario.ts';

/** The example of the protocol in the client's README, with `change` made to it, which prints its board on request. */
function exampleWith(change: { replace: string; by: string } | null): string[] {
  const readme = readFileSync('src/client/README.md', 'utf8');
  const example = /## The protocol in a dozen lines.*?```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  if (change && !example.includes(change.replace)) throw new Error(`not in the example: ${change.replace}`);
  const code = change ? example.replace(change.replace, change.by) : example;
  const print = 'console.log(JSON.stringify({ ...at, rows: [...rows.values()] }))';
  return [
    process.execPath,
    '--input-type=module',
    '--eval',
    `${code}\nprocess.stdin.on('data', () => ${print});`,
  ];
}

const CORRECT: Record<string, string[]> = {
  followBoard: [process.execPath, programFile('test/conformance/clients/followBoard.js')],
  'the dozen lines of the README': exampleWith(null),
  'the same on Socket.IO 4.7': exampleWith({ replace: "'socket.io-client'", by: "'socket.io-client-4.7'" }),
  'the client in Python': ['/usr/bin/python3', path.resolve('test/conformance/clients/client.py')],
  ...(process.env['OI_CLIENT'] && { OI_CLIENT: ['/bin/sh', '-c', `exec ${process.env['OI_CLIENT']}`] }),
};

const SABOTAGED: Record<string, { command: string[]; step: Step }> = {
  'applies an update after a gap': {
    command: exampleWith({ replace: 'it.from > at.seq', by: 'false' }),
    step: 'drops',
  },
  'keeps the rows of an earlier epoch': {
    command: exampleWith({ replace: 'if (full) rows.clear();', by: '' }),
    step: 'another epoch with other symbols',
  },
};

const dir = createTempDir();
const clock = createJumpClock();
const clients = new Map<string, ReturnType<typeof startClient>>();
let database: TestDatabase;
let server: TestServer | undefined;
let proxy: MessageProxy | undefined;
let failed: ReadonlyMap<string, Step>;

async function startServer(): Promise<void> {
  const env = { SOCKETS_PER_USER: '0', SOCKETS_PER_IP: '0' };
  server = await startTestServer({ databaseUrl: database.url, clock, env });
}

async function replaceServer(): Promise<void> {
  await server!.close();
  await database.clear();
  await startServer();
}

beforeAll(async () => {
  requirePythonSocketIo();
  database = await createTestDatabase();
  await startServer();
  proxy = await startMessageProxy(() => server!.url);
  const context = { clock, proxy, clients, tokenFile: path.join(dir.path, 'token') };
  await writeToken({ ...context, server: () => server! }, 3_600_000);
  const commands = Object.entries(SABOTAGED).map(([name, it]) => [name, it.command] as const);
  for (const [name, command] of [...Object.entries(CORRECT), ...commands])
    clients.set(name, startClient(command, { OI_URL: proxy.url, OI_TOKEN_FILE: context.tokenFile }));
  failed = await runScenario({ ...context, server: () => server!, replaceServer });
});
afterAll(async () => {
  for (const client of clients.values()) client.kill();
  await proxy?.close();
  await server?.close();
  await database.drop();
  dir.remove();
});

describe('a client of the protocol', () => {
  it.each(Object.keys(CORRECT))('B6 has the rows of the board after each fault: %s', (name) => {
    expect(failed.get(name)).toBeUndefined();
  });

  it.each(Object.entries(SABOTAGED))('is found out if it %s', (name, { step }) => {
    expect(failed.get(name)).toBe(step);
  });
});
