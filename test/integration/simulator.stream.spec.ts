import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { createFakeClock, type FakeClock } from '../support/fakeClock.ts';
import { waitFor } from '../support/waitFor.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const MarkPrices = z.array(
  z.strictObject({
    e: z.literal('markPriceUpdate'),
    E: z.int(),
    s: z.string(),
    p: decimal,
    ap: decimal,
    i: decimal,
    P: decimal,
    r: z.union([decimal, z.literal('')]),
    T: z.int(),
  }),
);
const ForcedOrder = z.strictObject({
  e: z.literal('forceOrder'),
  E: z.int(),
  o: z.strictObject({
    s: z.string(),
    S: z.enum(['BUY', 'SELL']),
    o: z.literal('LIMIT'),
    f: z.literal('IOC'),
    q: decimal,
    p: decimal,
    ap: decimal,
    X: z.literal('FILLED'),
    l: decimal,
    z: decimal,
    T: z.int(),
  }),
});
const Wrapped = z.strictObject({ stream: z.string(), data: MarkPrices });

type Client = { socket: WebSocket; messages: string[]; closedWith: number | null; pings: number };

describe('WebSocket of the simulated exchange', () => {
  let clock: FakeClock;
  let simulator: Simulator;
  let clients: Client[];

  beforeEach(async () => {
    clock = createFakeClock();
    clients = [];
    simulator = await startSimulator({ clock });
  });
  afterEach(async () => {
    for (const { socket } of clients) socket.terminate();
    await simulator.close();
  });

  async function connect(path: string): Promise<Client> {
    const socket = new WebSocket(`${simulator.wsUrl}${path}`);
    const client: Client = { socket, messages: [], closedWith: null, pings: 0 };
    clients.push(client);
    socket.on('message', (data: Buffer) => client.messages.push(data.toString()));
    socket.on('ping', () => (client.pings += 1));
    socket.on('close', (code) => (client.closedWith = code));
    await once(socket, 'open');
    return client;
  }

  /** Requests the list of subscriptions: its response shows that everything sent before has arrived. */
  async function drain({ socket, messages }: Client): Promise<string[]> {
    const id = `drain ${messages.length}`;
    socket.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id }));
    const isAnswer = (text: string) => text.includes(id);
    await waitFor('the answer to the last message', () => messages.some(isAnswer));
    return messages.filter((text) => !text.includes('"drain '));
  }

  it('sends crypto and TradFi contracts in separate messages, every second', async () => {
    const client = await connect('/market/ws/!markPrice@arr@1s');
    clock.advance(2 * SECOND_MS);
    const messages = (await drain(client)).map((text) => MarkPrices.parse(JSON.parse(text)));
    expect(messages.map((rows) => rows.length > 650)).toEqual([true, false, true, false]);
    const [crypto, tradFi, later] = messages;
    expect(tradFi!.map((row) => row.s)).toEqual(expect.arrayContaining(['XAUUSDT', 'TSLAUSDT']));
    expect(tradFi).toHaveLength(118);
    const names = new Set(crypto!.map((row) => row.s));
    expect(names.has('XAUUSDT')).toBe(false);
    expect(names.has('币安人生USDT')).toBe(true);
    expect(later![0]!.E - crypto![0]!.E).toBe(SECOND_MS);
    expect(later![0]!.p).not.toBe(crypto![0]!.p);
    expect(crypto!.find((row) => row.s === 'BTCUSDT_261225')).toMatchObject({ r: '', T: 0 });
    expect(crypto!.find((row) => row.s === 'MKRUSDT')).toMatchObject({ P: '0.00000000' });
  });

  it('sends the prices that REST returns', async () => {
    const client = await connect('/market/ws/!markPrice@arr@1s');
    clock.advance(SECOND_MS);
    const [crypto] = await drain(client);
    const streamed = MarkPrices.parse(JSON.parse(crypto!)).find((row) => row.s === 'BTCUSDT')!;
    const asked = (await (
      await fetch(`${simulator.restUrl}/fapi/v1/premiumIndex?symbol=BTCUSDT`)
    ).json()) as object;
    expect(asked).toMatchObject({ markPrice: streamed.p, indexPrice: streamed.i, time: streamed.E });
  });

  it('sends the plain stream every three seconds, wrapped on the combined address', async () => {
    const client = await connect('/market/stream?streams=!markPrice@arr/btcusdt@depth');
    clock.advance(6 * SECOND_MS);
    const messages = (await drain(client)).map((text) => Wrapped.parse(JSON.parse(text)));
    expect(messages.map((it) => it.stream)).toEqual(Array(4).fill('!markPrice@arr'));
    expect(messages[2]!.data[0]!.E - messages[0]!.data[0]!.E).toBe(3 * SECOND_MS);
  });

  it('subscribes and unsubscribes on an open socket', async () => {
    const client = await connect('/market/ws');
    client.socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['!markPrice@arr@1s'], id: 1 }));
    client.socket.send('nonsense');
    await drain(client);
    clock.advance(SECOND_MS);
    client.socket.send(JSON.stringify({ method: 'UNSUBSCRIBE', params: ['!markPrice@arr@1s'], id: 2 }));
    await drain(client);
    clock.advance(5 * SECOND_MS);
    const messages = (await drain(client)).map((text) => JSON.parse(text) as unknown);
    expect(messages).toEqual([
      { result: null, id: 1 },
      { error: { code: 2, msg: expect.any(String) } },
      expect.any(Array),
      expect.any(Array),
      { result: null, id: 2 },
    ]);
  });

  it('sends one message a forced order, at most one a second and contract, the same in every process', async () => {
    const client = await connect('/market/ws/!forceOrder@arr');
    const other = await connect('/market/stream?streams=!forceOrder@arr');
    for (let second = 0; second < 60; second += 1) clock.advance(SECOND_MS);
    const texts = await drain(client);
    const orders = texts.map((text) => ForcedOrder.parse(JSON.parse(text)));
    expect(orders.length).toBeGreaterThan(10);
    expect(new Set(orders.map(({ o }) => `${o.s} ${o.T}`)).size).toBe(orders.length);
    for (const { o } of orders) {
      const mark = simulator.market.markPriceAt(o.s, o.T);
      const tick = Number(simulator.market.selectOptionalContract(o.s)!.tickSize);
      expect(Math.abs(Number(o.ap) - mark)).toBeLessThan(0.003 * mark + tick);
      expect(Number(o.z)).toBeGreaterThan(0);
    }
    expect(await drain(other)).toEqual(texts.map((text) => `{"stream":"!forceOrder@arr","data":${text}}`));
  });

  it.each(['/ws/!markPrice@arr@1s', '/stream?streams=!markPrice@arr@1s', '/public/ws/!markPrice@arr@1s'])(
    'acknowledges and stays silent on %s',
    async (path) => {
      const client = await connect(path);
      const control = await connect('/market/ws/!markPrice@arr@1s');
      client.socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['!markPrice@arr'], id: 9 }));
      await drain(client);
      clock.advance(20 * SECOND_MS);
      expect(await drain(client)).toEqual(['{"result":null,"id":9}']);
      expect(await drain(control)).toHaveLength(40);
    },
  );

  it('refuses an unknown address', async () => {
    await expect(connect('/nowhere')).rejects.toThrow('404');
  });

  it('drops every socket without a close frame, once or repeatedly', async () => {
    const first = await connect('/market/ws/!markPrice@arr@1s');
    simulator.faults.apply({ dropSockets: true });
    await waitFor('the first socket to break', () => first.closedWith === 1006);
    simulator.faults.apply({ dropSocketsEverySec: 5 });
    const second = await connect('/market/ws/!markPrice@arr@1s');
    clock.advance(4 * SECOND_MS);
    expect(await drain(second)).toHaveLength(8);
    clock.advance(SECOND_MS);
    await waitFor('the second socket to break', () => second.closedWith === 1006);
    expect(simulator.stats().sockets).toMatchObject({ opened: 2, dropped: 2, open: 0 });
  });

  it('falls silent with the socket open, and resumes', async () => {
    const client = await connect('/market/ws/!markPrice@arr@1s');
    simulator.faults.apply({ silentSockets: true });
    clock.advance(5 * MINUTE_MS);
    simulator.faults.apply({ silentSockets: false });
    expect(await drain(client)).toEqual([]);
    expect(client.pings).toBe(0);
    expect(client.closedWith).toBeNull();
    clock.advance(SECOND_MS);
    expect(await drain(client)).toHaveLength(2);
  });

  it('omits contracts on demand and includes new ones', async () => {
    const client = await connect('/market/ws/!markPrice@arr@1s');
    simulator.faults.apply({ withoutMarkPrice: ['BTCUSDT'], list: 'NEWUSDT' });
    clock.advance(SECOND_MS);
    const [crypto] = await drain(client);
    const names = new Set(MarkPrices.parse(JSON.parse(crypto!)).map((row) => row.s));
    expect([names.has('BTCUSDT'), names.has('ETHUSDT'), names.has('NEWUSDT')]).toEqual([false, true, true]);
  });

  it('pings every three minutes and ends a connection after a day', async () => {
    const client = await connect('/market/ws');
    for (let minute = 0; minute < 6; minute += 1) {
      clock.advance(MINUTE_MS);
      await drain(client);
    }
    expect(client.pings).toBe(2);
    clock.set(clock.now() + 24 * 60 * MINUTE_MS);
    clock.advance(SECOND_MS);
    await waitFor('the connection to be closed', () => client.closedWith === 1001);
  });

  it('disconnects a client that does not answer pings', async () => {
    const silent = new WebSocket(`${simulator.wsUrl}/market/ws`, { autoPong: false });
    const closed = once(silent, 'close');
    await once(silent, 'open');
    clock.advance(13 * MINUTE_MS + SECOND_MS);
    expect((await closed)[0]).toBe(1006);
  });

  it('closes on a client that sends more than ten messages a second', async () => {
    const client = await connect('/market/ws');
    for (let sent = 0; sent < 11; sent += 1) client.socket.send('{}');
    await waitFor('the connection to be closed', () => client.closedWith === 1008);
  });
});
