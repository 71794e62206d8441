import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { HOUR_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { symbolNames } from '../support/builders.ts';
import { readOwnLags, watchOwnLag } from '../support/ownLag.ts';
import { createServerBox, TEST_KEYS, type ServerProcess } from '../support/serverProcess.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';
import { startWriters } from '../support/writers.ts';

const SYMBOLS = symbolNames(343);
/** Ten times two pollers that post 343 symbols in four chunks every 30 s. */
const CHUNKS_PER_SEC = (10 * 2 * 4) / 30;
const SOCKETS_PER_TIER = 300;
/** Whatever runs by itself does so at least once in a round: the slowest of it reads the database every 11 s. */
const ROUND_MS = 12 * SECOND_MS;
const ROUNDS = 3;

const database = withDatabase();
let server: ServerProcess;
const box = withOpened(createServerBox, 'remove');
const sockets: WebSocket[] = [];
let updates = 0;

beforeAll(async () => {
  const limits = { SOCKETS_PER_USER: '0', SOCKETS_PER_IP: '0' };
  const watch = { NODE_OPTIONS: watchOwnLag(ROUND_MS) };
  server = await box.start({ env: { ...TEST_KEYS, ...limits, ...watch, DATABASE_URL: database.url } });
  await server.ready();
});

afterAll(() => {
  for (const socket of sockets) socket.terminate();
});

/** A dashboard that keeps nothing: this process has to serve hundreds of them. */
function openDashboard(token: string | null): void {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const head = data.subarray(0, 26).toString();
    if (head.startsWith('0')) socket.send(token === null ? '40' : `40${JSON.stringify({ token })}`);
    else if (head === '2') socket.send('3');
    else if (head === '42["open-interest-update",') updates += 1;
  });
}

async function countRealtime(): Promise<number> {
  const answer = await fetch(`${server.url}/metrics`, { headers: { 'X-API-Key': OPERATOR_KEY } });
  return Number(/^oi_ws_connected\{audience="realtime"\} (\d+)$/m.exec(await answer.text())?.[1]);
}

describe('event loop', () => {
  it('D7 turns within 50 ms, and never takes 250 ms, with ten times the usual chunks and hundreds of sockets', async () => {
    const now = Date.now();
    const token = await createTokenSigner({ secret: TEST_KEYS.AUTH_JWT_SECRET }).sign({
      sub: 'ada',
      tier: 'pro',
      role: 'user',
      issuedAt: now,
      expiresAt: now + HOUR_MS,
    });
    for (let i = 0; i < SOCKETS_PER_TIER; i += 1) {
      openDashboard(token);
      openDashboard(null);
      if (i % 20 === 0) await delay(10);
    }
    await waitFor('all to be connected', async () => (await countRealtime()) === SOCKETS_PER_TIER);
    const writers = startWriters({
      url: () => server.url,
      count: 1,
      symbols: () => SYMBOLS.slice(0, 100),
      pauseMs: SECOND_MS / CHUNKS_PER_SEC,
      forMs: 400_000,
    });
    // Excludes the round in which they all connected.
    const first = readOwnLags(server.output()).length + 1;
    const acknowledgedBefore = writers.acknowledged();
    const updatesBefore = updates;
    const seen = await waitFor(
      'the rounds',
      () => {
        const rounds = readOwnLags(server.output()).slice(first);
        return rounds.length >= ROUNDS ? rounds : null;
      },
      { timeoutMs: 10 * ROUNDS * ROUND_MS, everyMs: 500 },
    );
    // The load was there: without it any server passes.
    expect(writers.acknowledged() - acknowledgedBefore).toBeGreaterThan(ROUNDS);
    expect(updates - updatesBefore).toBeGreaterThanOrEqual(ROUNDS * SOCKETS_PER_TIER);
    const { acknowledged, answers } = await writers.stop();
    process.stdout.write(
      `D7 ${JSON.stringify({ chunks: acknowledged.length, sockets: sockets.length, updates, seen })}\n`,
    );
    expect([...answers.keys()]).toEqual([200]);
    expect(Math.max(...seen.map((it) => it.p99Ms))).toBeLessThan(50);
    expect(Math.max(...seen.map((it) => it.maxMs))).toBeLessThan(250);
  }, 480_000);
});
