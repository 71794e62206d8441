import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/kit/clock.ts';
import { createWebsocketServer } from '../../src/sockets/websockets.ts';
import { anItem } from '../support/builders.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer, withSockets } from '../support/withServer.ts';

const SYMBOLS = Array.from({ length: 100 }, (_, i) => `SYMBOL${i}USDT`);

const { server } = withServer({ env: { OI_BROADCAST_DEBOUNCE_MS: '1', OI_BROADCAST_MAX_WAIT_MS: '20' } });
const box = withSockets();
let token: string;
beforeAll(async () => {
  token = await server.token('pro');
});

let ts = Date.now() - 600_000;

/** One window of 100 rows, some 25 kB of text. */
async function postAll(): Promise<void> {
  ts += 1_000;
  const answer = await server.post('/api/market/open-interest/ingest', {
    data: SYMBOLS.map((symbol, i) => anItem(symbol, { openInterest: ts + i, markPrice: 1 + i / 7 })),
    timestamp: ts,
    source: 'realtime',
  });
  expect(answer.status).toBe(200);
}

type Received = { text: string; wireBytes: number };

/** A client with these websocket options that is in its rooms; `next` posts a window and answers what arrived of it. */
async function follow(
  perMessageDeflate: NonNullable<Parameters<typeof box.openRaw>[1]>['perMessageDeflate'],
) {
  const raw = box.openRaw(server, { perMessageDeflate });
  await raw.introduce({ token });
  await waitFor('its hello', () => raw.messages.some((it) => it.includes('open-interest-hello')));
  const { _socket: tcp } = raw.ws as unknown as { _socket: Socket };
  const updates = () => raw.messages.filter((it) => it.includes('open-interest-update'));
  return {
    extensions: raw.ws.extensions,
    raw,
    async next(): Promise<Received> {
      const before = { count: updates().length, bytes: tcp.bytesRead };
      await postAll();
      const text = await waitFor('the update', () => updates()[before.count]);
      return { text, wireBytes: tcp.bytesRead - before.bytes };
    },
  };
}

describe('a broadcast', () => {
  it('is deflated for a client that negotiated it, and what it reads is what others read', async () => {
    const deflating = await follow(true);
    const polling = box.open(server, { token, transports: ['polling'] });
    const stock = box.open(server, { token });
    await Promise.all([polling.hello(), stock.hello()]);
    expect(deflating.extensions).toBe('permessage-deflate');
    const { text, wireBytes } = await deflating.next();
    expect(wireBytes).toBeLessThan(text.length / 2);
    const [, update] = JSON.parse(text.slice(2)) as [string, object];
    await waitFor('the other clients', () => polling.updates.length > 0 && stock.updates.length > 0);
    expect(polling.updates).toEqual([update]);
    expect(stock.updates).toEqual([update]);
  });

  it.each([
    ['refuses permessage-deflate', false],
    ['asks for a smaller window than a shared frame needs', { serverMaxWindowBits: 10 }],
  ] as const)('is plain for a client that %s', async (_, perMessageDeflate) => {
    const client = await follow(perMessageDeflate);
    expect(client.extensions).toBe('');
    const { text, wireBytes } = await client.next();
    expect(wireBytes).toBeGreaterThan(text.length);
    expect(JSON.parse(text.slice(2))).toHaveLength(2);
  });

  it('reaches a client that replaces polling by a websocket, each window once and in order', async () => {
    const upgrading = box.open(server, { token, transports: ['polling', 'websocket'] });
    const steady = box.open(server, { token });
    await Promise.all([upgrading.hello(), steady.hello()]);
    for (let round = 0; round < 10; round += 1) await postAll();
    await waitFor('the websocket', () => upgrading.socket.io.engine.transport.name === 'websocket');
    await postAll();
    await waitFor('all windows', () => steady.updates.at(-1)?.rows.some((it) => 'ts' in it && it.ts === ts));
    await waitFor('the same of both', () => upgrading.updates.length >= steady.updates.length);
    expect(upgrading.updates.map((it) => it.seq)).toEqual(steady.updates.map((it) => it.seq));
  });

  it('precedes the answer to a sync that contains it', async () => {
    const client = box.open(server, { token });
    await client.hello();
    const order: number[] = [];
    client.socket.on('open-interest-update', ({ seq }) => order.push(seq));
    for (let round = 0; round < 10; round += 1) {
      await postAll();
      const answer = await client.sync(null);
      if ('seq' in answer) order.push(answer.seq);
    }
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe('the answer to a sync', () => {
  it('is shared by all sockets, each of which reads its own number, compressed if it can inflate', async () => {
    await postAll();
    const read = async (perMessageDeflate: boolean, request: number) => {
      const { raw } = await follow(perMessageDeflate);
      const { _socket: tcp } = raw.ws as unknown as { _socket: Socket };
      const before = tcp.bytesRead;
      raw.ws.send(`42${request}["open-interest-sync",null]`);
      const text = await waitFor('the answer', () => raw.messages.find((it) => it.startsWith('43')));
      const [{ serverTime, ...board }] = JSON.parse(text.slice(`43${request}`.length)) as [
        { serverTime: number; rows: unknown[] },
      ];
      expect(text.startsWith(`43${request}[`)).toBe(true);
      expect(serverTime).toBeGreaterThan(ts);
      expect(board.rows).toHaveLength(SYMBOLS.length);
      return { board, share: (tcp.bytesRead - before) / text.length };
    };
    const deflated = [await read(true, 0), await read(true, 12_345)];
    const plain = await read(false, 7);
    const polled = await box.open(server, { token, transports: ['polling'] }).sync(null);
    for (const it of deflated) {
      expect(it.board).toEqual(plain.board);
      expect(it.share).toBeLessThan(0.5);
    }
    expect(plain.share).toBeGreaterThanOrEqual(1);
    expect(polled).toMatchObject(plain.board);
  });
});

describe('a compressed message of a client', () => {
  const http = createServer();
  const websockets = new (createWebsocketServer({ clock: systemClock, onFlood: () => undefined }))({
    server: http,
    maxPayload: 16_000,
  });
  const clients: WebSocket[] = [];
  beforeAll(() => new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    for (const it of clients) it.terminate();
    websockets.close();
    await new Promise((resolve) => http.close(resolve));
  });

  async function open() {
    const accepted = new Promise<WebSocket>((resolve) => void websockets.once('connection', resolve));
    const { port } = http.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: { threshold: 0 } });
    clients.push(client);
    return { client, accepted: await accepted };
  }

  it('leaves no inflater behind', async () => {
    const { client, accepted } = await open();
    const messages: string[] = [];
    accepted.on('message', (data) => messages.push((data as Buffer).toString()));
    await waitFor('the connection', () => client.readyState === WebSocket.OPEN);
    for (let i = 0; i < 3; i += 1) client.send(`${i}`.repeat(5_000));
    await waitFor('all messages', () => messages.length === 3);
    expect(messages).toEqual(['0', '1', '2'].map((it) => it.repeat(5_000)));
    const { _extensions: extensions } = accepted as unknown as {
      _extensions: { 'permessage-deflate': { _inflate: unknown } };
    };
    expect(extensions['permessage-deflate']._inflate).toBeNull();
  });

  it('is limited by its inflated size', async () => {
    const { client, accepted } = await open();
    accepted.on('error', () => undefined);
    let code = 0;
    client.on('close', (closed) => (code = closed));
    await waitFor('the connection', () => client.readyState === WebSocket.OPEN);
    client.send('0'.repeat(5_000_000));
    await waitFor('the close', () => code > 0);
    expect(code).toBe(1009);
  });
});
