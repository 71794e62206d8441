import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPollingClient } from '../support/pollingClient.ts';
import type { RawSocket } from '../support/rawSocket.ts';
import type { TestSocket } from '../support/sockets.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer, withSockets } from '../support/withServer.ts';
import { readMetric } from '../support/openInterestCalls.ts';

const { database, server } = withServer();
const box = withSockets();

describe('connection limits', () => {
  let limited: TestServer;

  beforeAll(async () => {
    limited = await startTestServer({
      databaseUrl: database.url,
      env: { SOCKETS_PER_USER: '3', SOCKETS_PER_IP: '8' },
    });
  });
  afterAll(() => limited.close());

  async function outcome(sockets: readonly TestSocket[]): Promise<{ greeted: number; refusals: string[] }> {
    await waitFor('an answer to each', () =>
      sockets.every((it) => it.hellos.length + it.refusals.length > 0),
    );
    return {
      greeted: sockets.filter((it) => it.hellos.length > 0).length,
      refusals: sockets.flatMap((it) => it.refusals),
    };
  }

  it('A5 apply to concurrent connections of one user, and end with them', async () => {
    const token = await limited.token('pro');
    const crowd = Array.from({ length: 8 }, () => box.open(limited, { token }));
    expect(await outcome(crowd)).toEqual({ greeted: 3, refusals: Array(5).fill('too_many_sockets') });
    crowd.find((it) => it.hellos.length > 0)?.close();
    await waitFor('the place to be free', async () => {
      const next = box.open(limited, { token });
      return (await outcome([next])).greeted === 1;
    });
    for (const socket of crowd) socket.close();
  });

  it('A5 apply to connections of one address, for any users', async () => {
    await waitFor('earlier connections to be gone', async () => (await connected(limited)) === 0);
    const sockets: TestSocket[] = [];
    for (let i = 0; i < 8; i += 1) {
      sockets.push(
        box.open(limited, i % 2 ? {} : { token: await limited.token('pro', { sub: `user-${i}` }) }),
      );
    }
    expect((await outcome(sockets)).greeted).toBe(8);
    expect(
      await outcome([box.open(limited), box.open(limited, { token: await limited.token('elite') })]),
    ).toEqual({
      greeted: 0,
      refusals: ['too_many_sockets', 'too_many_sockets'],
    });
  });

  it('A5 A9 apply to the addresses of an IPv6 network together, as one client has all of them', async () => {
    const behindProxy = await startTestServer({
      databaseUrl: database.url,
      env: { SOCKETS_PER_IP: '4', TRUST_PROXY_HOPS: '1' },
    });
    const open = (address: string) => box.open(behindProxy, { extraHeaders: { 'X-Forwarded-For': address } });
    const one = Array.from({ length: 8 }, (_, i) => open(`2001:db8:0:${i}::${i + 1}`));
    expect(await outcome(one)).toEqual({ greeted: 4, refusals: Array(4).fill('too_many_sockets') });
    expect((await outcome([open('2001:db8:7:1::1')])).greeted).toBe(1);
    await behindProxy.close();
  });

  it('A5 bound the unauthenticated connections of one address', async () => {
    const silent = Array.from({ length: 40 }, () => box.openRaw(limited));
    await waitFor('an answer to each', () => silent.every((it) => it.status() !== null));
    const open = silent.filter((it) => it.status() === 101).length;
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(16);
  });

  it('B9 a connection that authenticates many times at once is closed instead of receiving everything many times', async () => {
    const token = await server.token('pro');
    const greedy = box.openRaw(server);
    await waitFor('the engine to open', () => greedy.messages[0]);
    for (let i = 0; i < 10; i += 1) greedy.ws.send(`40${JSON.stringify({ token })}`);
    await waitFor('it to be closed', () => greedy.closed());
    expect(greedy.messages.filter((it) => it.includes('hello'))).toEqual([]);
  });
});

describe('messages from clients', () => {
  it('B8 close a connection that floods, exceeds the size limit, or violates the protocol', async () => {
    const offences: [string, (raw: RawSocket) => void][] = [
      ['frame of 2 MB', (raw) => raw.ws.send('x'.repeat(2_000_000))],
      ['frame of 17 kB', (raw) => raw.ws.send(`42["a","${'x'.repeat(17_000)}"]`)],
      ['flood of events', (raw) => times(100, () => raw.ws.send('42["join","audience:realtime"]'))],
      ['flood of syncs', (raw) => times(100, (i) => raw.ws.send(`42${i}["open-interest-sync",null]`))],
      ['flood of answers to nothing', (raw) => times(100, (i) => raw.ws.send(`43${i}[]`))],
      ['flood of pongs', (raw) => times(100, () => raw.ws.send('3'))],
      ['flood of introductions', (raw) => times(100, () => raw.ws.send('40{"token":"x"}'))],
      ['binary garbage', (raw) => raw.ws.send(Buffer.from([0, 1, 2, 255, 254]))],
      ['text garbage', (raw) => raw.ws.send('\u0000\u0001garbage')],
      ['unknown packet', (raw) => raw.ws.send('49[]')],
      ['event that is no list', (raw) => raw.ws.send('42{"a":1}')],
      ['event without a name', (raw) => raw.ws.send('42[{}]')],
      ['event cut short', (raw) => raw.ws.send('42["a"')],
      ['reserved event', (raw) => raw.ws.send('42["disconnect"]')],
      ['refusal from a client', (raw) => raw.ws.send('44{"message":"x"}')],
      ['second introduction', (raw) => raw.ws.send('40')],
      ['ping in the wrong direction', (raw) => raw.ws.send('2')],
      ['eleven attachments', (raw) => raw.ws.send('4511-["a"]')],
      [
        'text in place of an attachment',
        (raw) => {
          raw.ws.send('451-["a",{"_placeholder":true,"num":0}]');
          raw.ws.send('42["b"]');
        },
      ],
      ['leaving', (raw) => raw.ws.send('41')],
    ];
    const token = await server.token('pro');
    const bystander = box.open(server, { token });
    await bystander.hello();
    const raws = await Promise.all(
      offences.map(async ([, offend]) => {
        const raw = box.openRaw(server);
        await raw.introduce({ token: await server.token('pro', { sub: `offender-${Math.random()}` }) });
        offend(raw);
        return raw;
      }),
    );
    await waitFor('every offender to be closed', () => raws.every((it) => it.closed())).catch(
      () => undefined,
    );
    expect(offences.filter((_, i) => !raws[i]?.closed()).map(([name]) => name)).toEqual([]);
    expect(raws[0]?.closed()?.code).toBe(1009);
    expect(bystander.disconnects).toEqual([]);
    expect(await bystander.sync(null)).toMatchObject({ full: true });
  });

  it('B8 are ignored if unknown', async () => {
    const raw = box.openRaw(server);
    await raw.introduce();
    for (const packet of [
      '42["error"]',
      '42["error",{"message":"x"}]',
      '42["open-interest-hello",{}]',
      '42[7]',
      '42["__proto__"]',
      '42["open-interest-sync"]',
      '42["open-interest-sync",null]',
    ]) {
      raw.ws.send(packet);
    }
    raw.ws.send('427["open-interest-sync",null]');
    expect(await waitFor('the answer', () => raw.messages.find((it) => it.startsWith('437')))).toContain(
      '"mode":"snapshot"',
    );
    // Python's client sends no argument at all.
    raw.ws.send('428["open-interest-sync"]');
    expect(await waitFor('the answer', () => raw.messages.find((it) => it.startsWith('438')))).toContain(
      '"full":true',
    );
    expect(raw.closed()).toBeNull();
  });

  it('B8 are refused in a poll above the message limit', async () => {
    const polled = await openPollingClient(server);
    expect((await polled.send('x'.repeat(20_000))).status).toBe(413);
    expect((await server.get('/health')).status).toBe(200);
  });
});

function times(count: number, task: (i: number) => void): void {
  for (let i = 0; i < count; i += 1) task(i);
}

function connected(to: TestServer): Promise<number> {
  return readMetric(to, 'oi_ws_connected');
}
