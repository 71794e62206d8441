import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { HOUR_MS } from '../../src/kit/clock.ts';
import { readOwnLags, watchOwnLag } from '../support/ownLag.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { countOpenConnections, readMemory, resetPeakMemory } from '../support/processMemory.ts';
import { openRawSocket } from '../support/rawSocket.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { createServerBox, TEST_KEYS, type ServerProcess } from '../support/serverProcess.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const SENT_BYTES = 18_000_000;
/** Unlimited, each of these stalls the event loop for more than 10 s; a busy machine alone for some 100 ms. */
const MOST_STALLED_MS = 1_000;
const MOST_ADDED_MB = 20;
const LAG_EVERY_MS = 500;

const database = withDatabase();
let server: ServerProcess;
const box = withOpened(createServerBox, 'remove');
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await box.start({
    env: { ...TEST_KEYS, DATABASE_URL: database.url, NODE_OPTIONS: watchOwnLag(LAG_EVERY_MS) },
  });
  await server.ready();
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A frame as clients send it, masked with zeros, which leave the text as it is. */
function frame(opcode: number, text: string, isLast = true): Buffer {
  return Buffer.concat([
    Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | text.length, 0, 0, 0, 0]),
    Buffer.from(text),
  ]);
}

const [CONTINUATION, TEXT, PING, PONG] = [0, 1, 9, 10];

/** A websocket on a plain connection that is never read again once it is open; `sid` names the session it would upgrade. */
async function openUnread(sid?: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  const query = `EIO=4&transport=websocket${sid === undefined ? '' : `&sid=${sid}`}`;
  const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13';
  socket.write(
    `GET /socket.io/?${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString()).toContain('101 Switching Protocols');
  socket.pause();
  return socket;
}

/** A guest of the polling transport; answers its session's id. */
async function openPollingSession(): Promise<string> {
  const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1)) as { sid: string };
  const answer = await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '40' });
  expect(await answer.text()).toBe('ok');
  return sid;
}

async function turnedAway(): Promise<Socket> {
  const sid = await openPollingSession();
  await openUnread(sid);
  // The engine accepts one upgrade of a session at a time.
  return openUnread(sid);
}

describe('a paying user who requests whole boards and reads none', () => {
  const SOCKETS = 60;
  const SYNCS = 19;
  const MOST_ADDED_BY_SYNCS_MB = 100;

  it('C5 B5 costs no more than a few boards, for any number of sockets and requests', async () => {
    const symbols = symbolNames(5_000);
    const now = Date.now();
    for (let i = 0; i < symbols.length; i += 500) {
      const chunk = aChunk(symbols.slice(i, i + 500), { ts: now, source: 'realtime' });
      const answer = await fetch(`${server.url}/api/market/open-interest/ingest`, {
        method: 'POST',
        headers: { 'X-API-Key': INGEST_KEY, 'Content-Type': 'application/json' },
        body: JSON.stringify(chunk),
      });
      expect(answer.status).toBe(200);
    }
    const signer = createTokenSigner({ secret: TEST_KEYS.AUTH_JWT_SECRET });
    const user = { sub: 'ada', tier: 'pro', issuedAt: now, expiresAt: now + HOUR_MS } as const;
    const token = await signer.sign(user);
    const reader = openRawSocket(server.url);
    await reader.introduce({ token });
    for (let i = 0; i < 5; i += 1) {
      reader.ws.send(`42${i}["open-interest-sync",null]`);
      await waitFor('a board', () => reader.messages.find((it) => it.startsWith(`43${i}[`)));
    }
    reader.ws.terminate();
    const unread = await Promise.all(
      Array.from({ length: SOCKETS - 1 }, async () => {
        const raw = openRawSocket(server.url);
        await raw.introduce({ token });
        raw.ws.pause();
        return raw;
      }),
    );
    const { nowMb } = readMemory(server.pid);
    resetPeakMemory(server.pid);
    for (const raw of unread) {
      for (let i = 0; i < SYNCS; i += 1) raw.ws.send(`42${i}["open-interest-sync",null]`);
    }
    await delay(5_000);
    const addedMb = readMemory(server.pid).peakMb - nowMb;
    process.stdout.write(`${SOCKETS} × ${SYNCS} syncs of 5,000 symbols: +${addedMb.toFixed(1)} MB\n`);
    for (const raw of unread) raw.ws.terminate();
    expect(server.ended()).toBeNull();
    expect(addedMb).toBeLessThan(MOST_ADDED_BY_SYNCS_MB);
  });
});

const repeat = (bytes: Buffer) => Buffer.alloc(SENT_BYTES, bytes);

describe('an anonymous connection that sends 18 MB and reads nothing', () => {
  it.each<[string, () => Promise<Socket>, Buffer]>([
    ['probes of an upgrade', async () => openUnread(await openPollingSession()), frame(TEXT, '2probe')],
    ['pings of an upgrade', async () => openUnread(await openPollingSession()), frame(PING, '')],
    ['pings', () => openUnread(), frame(PING, '')],
    ['pings with text', () => openUnread(), frame(PING, 'x'.repeat(125))],
    ['pongs', () => openUnread(), frame(PONG, '')],
    ['introductions', () => openUnread(), frame(TEXT, '40')],
    ['empty messages', () => openUnread(), frame(TEXT, '')],
    ['a message that never ends', () => openUnread(), frame(CONTINUATION, '', false)],
    ['pings where it was turned away', turnedAway, frame(PING, '')],
  ])(
    'B5 B8 D7 is closed immediately, at limited cost: %s',
    async (name, open, sent) => {
      const socket = await open();
      if (sent[0] === CONTINUATION) socket.write(frame(TEXT, '4', false));
      // What the attack before has left to collect counts against that one.
      await waitFor('a quiet server', () =>
        readOwnLags(server.output())
          .slice(-2)
          .every((it) => it.maxMs < MOST_STALLED_MS / 2),
      );
      const lagsBefore = readOwnLags(server.output()).length;
      const { nowMb } = readMemory(server.pid);
      resetPeakMemory(server.pid);
      socket.write(repeat(sent));
      const ports = new Set([socket.localPort!]);
      await waitFor('it to be closed', () => countOpenConnections(server.port, ports) === 0);
      const lags = await waitFor('the rounds of the attack', () => {
        const rounds = readOwnLags(server.output()).slice(lagsBefore);
        return rounds.length >= 2 ? rounds : null;
      });
      const stalledMs = Math.max(...lags.map((it) => it.maxMs));
      const addedMb = readMemory(server.pid).peakMb - nowMb;
      process.stdout.write(`${name}: stall ${stalledMs} ms, +${addedMb.toFixed(1)} MB\n`);
      expect(stalledMs).toBeLessThan(MOST_STALLED_MS);
      expect(addedMb).toBeLessThan(MOST_ADDED_MB);
    },
    60_000,
  );
});
