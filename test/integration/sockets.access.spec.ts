import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { openRawSocket, type RawSocket } from '../support/rawSocket.ts';
import { startRedisServer, type RedisServer } from '../support/redis.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';
import { OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const OPERATOR = { 'X-API-Key': OPERATOR_KEY };
const ALLOWED_ORIGIN = 'https://dashboard.example';

let database: TestDatabase;
let redis: RedisServer;
let clockB: JumpClock;
/** Two nodes on one database and one Redis. */
let a: TestServer;
let b: TestServer;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedisServer()]);
  clockB = createJumpClock();
  const common = { databaseUrl: database.url, redisUrl: redis.url, env: { ALLOWED_ORIGINS: ALLOWED_ORIGIN } };
  [a, b] = await Promise.all([startTestServer(common), startTestServer({ ...common, clock: clockB })]);
});

afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

afterAll(async () => {
  await Promise.all([a.close(), b.close()]);
  await Promise.all([database.drop(), redis.stop()]);
});

function open(server: TestServer, options: Parameters<typeof openSocket>[1] = {}): TestSocket {
  const socket = openSocket(server.url, options);
  opened.push(socket);
  return socket;
}

function openRaw(server: TestServer, options: Parameters<typeof openRawSocket>[1] = {}): RawSocket {
  const socket = openRawSocket(server.url, options);
  opened.push({ close: () => socket.ws.terminate() });
  return socket;
}

async function change(body: Record<string, unknown>): Promise<void> {
  const answer = await a.post('/api/access/changes', body, OPERATOR);
  expect(answer.status).toBe(200);
}

async function closedWith(socket: TestSocket, reason: string): Promise<void> {
  await waitFor(`the socket to be closed: ${reason}`, () => socket.disconnects[0]);
  expect(socket.ends).toEqual([{ reason }]);
}

describe('a token that ends', () => {
  it('A2 closes its sockets within 5 s, telling them that it has expired, and no others', async () => {
    const expiresInMs = 1_500;
    const token = await a.token('pro', { sub: 'short', expiresInMs });
    const expiresAt = Math.floor((Date.now() + expiresInMs) / 1_000) * 1_000;
    const short = [open(a, { token }), open(a, { token, transports: ['polling'] }), open(b, { token })];
    const long = open(a, { token: await a.token('pro', { sub: 'long' }) });
    await Promise.all([...short, long].map((it) => it.hello()));

    await Promise.all(short.map((it) => closedWith(it, 'expired')));
    const overstayMs = Date.now() - expiresAt;
    expect(overstayMs).toBeGreaterThanOrEqual(0);
    expect(overstayMs).toBeLessThan(5_000);
    expect(long.disconnects).toEqual([]);
    const late = open(a, { token });
    await waitFor('the refusal', () => late.refusals[0]);
    expect(late.refusals).toEqual(['token_expired']);
  });
});

describe('a change of access', () => {
  /** Issued well before any change that a test makes. */
  const before = { issuedAt: Date.now() - 60_000 };

  it('A3 M5 closes the sockets of its subject on every node, and judges the same token by the new tier', async () => {
    const token = await a.token('pro', { sub: 'downgraded', ...before });
    const sockets = [open(a, { token }), open(a, { token }), open(b, { token })];
    const other = open(b, { token: await b.token('pro', { sub: 'somebody-else', ...before }) });
    await Promise.all([...sockets, other].map((it) => it.hello()));
    const startedAt = performance.now();
    await change({ sub: 'downgraded', tier: 'free' });
    await Promise.all(sockets.map((it) => closedWith(it, 'tier_changed')));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(other.disconnects).toEqual([]);

    for (const server of [a, b]) {
      expect(await open(server, { token }).hello()).toMatchObject({ tier: 'free', mode: 'snapshot' });
    }
  });

  it('A3 M5 closes the sockets of a revoked subject on every node, and lets none back in', async () => {
    const token = await a.token('elite', { sub: 'revoked', ...before });
    const sockets = [open(a, { token }), open(b, { token })];
    await Promise.all(sockets.map((it) => it.hello()));
    await change({ sub: 'revoked', revoked: true });
    await Promise.all(sockets.map((it) => closedWith(it, 'revoked')));
    for (const server of [a, b]) {
      const again = open(server, { token });
      await waitFor('the refusal', () => again.refusals[0]);
      expect(again.refusals).toEqual(['token_revoked']);
    }
  });

  it("closes the sockets of a session that is signed out, on every node, and not its user's other sessions", async () => {
    const [token, otherToken] = [
      await a.token('pro', { sub: 'two-sessions' }),
      await a.token('pro', { sub: 'two-sessions', expiresInMs: 1_800_000 }),
    ];
    const signedIn = await a.post('/api/session', { token }, { Origin: a.url });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const sockets = [
      open(a, { token }),
      open(b, { token }),
      open(a, { extraHeaders: { Cookie: cookie, Origin: a.url } }),
    ];
    const other = open(a, { token: otherToken });
    await Promise.all([...sockets, other].map((it) => it.hello()));
    const out = await fetch(`${a.url}/api/session`, {
      method: 'DELETE',
      headers: { Cookie: cookie, Origin: a.url },
    });
    expect(out.status).toBe(204);
    await Promise.all(sockets.map((it) => closedWith(it, 'revoked')));
    expect(other.disconnects).toEqual([]);
  });

  it('A3 reaches the other node by re-reading within 60 s when Redis is dead', async () => {
    const token = await a.token('pro', { sub: 'while-redis-is-dead', ...before });
    const sockets = [open(a, { token }), open(b, { token })];
    await Promise.all(sockets.map((it) => it.hello()));
    await redis.kill();
    try {
      await change({ sub: 'while-redis-is-dead', tier: 'free' });
      await closedWith(sockets[0]!, 'tier_changed');
      expect(await sockets[1]!.sync(null)).toMatchObject({ tier: 'pro' });
      clockB.jump(60_000);
      await closedWith(sockets[1]!, 'tier_changed');
    } finally {
      await redis.start();
    }
  });
});

describe('a handshake', () => {
  it('A4 is refused with a code when its token is no token', async () => {
    const expired = await a.token('pro', { expiresInMs: -5_000, issuedAt: Date.now() - 60_000 });
    const good = await a.token('pro');
    const table: [unknown, string][] = [
      ['trader@example.com', 'token_malformed'],
      ['user-17', 'token_malformed'],
      ['mock-token-1', 'token_malformed'],
      ['Guest', 'token_malformed'],
      [' guest', 'token_malformed'],
      [17, 'token_malformed'],
      [0, 'token_malformed'],
      [true, 'token_malformed'],
      [false, 'token_malformed'],
      [[good], 'token_malformed'],
      [{ token: good }, 'token_malformed'],
      ['x'.repeat(9_000), 'token_malformed'],
      [`${good}x`, 'token_refused'],
      [expired, 'token_expired'],
    ];
    for (const transports of [['websocket'], ['polling']]) {
      const sockets = table.map(([token]) => open(a, { token, transports }));
      await waitFor('all to be refused', () =>
        sockets.every((it) => it.refusals.length + it.hellos.length > 0),
      );
      expect(sockets.map((it, i) => [table[i]?.[0], it.refusals[0], it.hellos.length])).toEqual(
        table.map(([token, code]) => [token, code, 0]),
      );
      for (const socket of sockets) socket.close();
    }
  });

  it('A4 B8 is cut off when its token is larger than any message may be', async () => {
    for (const transports of [['websocket'], ['polling']]) {
      const socket = open(a, { token: 'x'.repeat(1_000_000), transports });
      await waitFor('the end', () => socket.disconnects.length + socket.refusals.length > 0);
      expect(socket.hellos).toEqual([]);
    }
  });

  it('A5 lives 5 s at most without having said who it is, on either transport', async () => {
    const silent = Array.from({ length: 20 }, () => openRaw(a));
    const refused = openRaw(a);
    const elsewhere = openRaw(a);
    const left = openRaw(a);
    const polled = await poll(a);
    const [refusal] = await Promise.all([
      refused.introduce({ token: 'nobody@example.com' }),
      left.introduce(),
    ]);
    expect(refusal).toContain('token_malformed');
    elsewhere.ws.send('40/other,');
    left.ws.send('41');
    await waitFor('the one that has left to be closed', () => left.closed());
    await waitFor('all to be closed', () => [...silent, refused, elsewhere].every((it) => it.closed()), {
      timeoutMs: 8_000,
    });
    const lived = [...silent, refused, elsewhere].map((it) => it.closed()?.afterMs ?? Infinity);
    expect(Math.max(...lived)).toBeLessThan(6_000);
    expect((await polled.send('40')).status).toBe(400);
  });

  it('A6 is refused for a foreign Origin before the upgrade, on either transport', async () => {
    const own = a.url;
    const table: [string | undefined, boolean][] = [
      [undefined, true],
      [own, true],
      [ALLOWED_ORIGIN, true],
      ['https://evil.example', false],
      ['null', false],
      ['', false],
      ['https://DASHBOARD.example', false],
      ['https://dashboard.example/', false],
      ['https://dashboard.example:8443', false],
      ['http://dashboard.example', false],
      ['https://dashboard.example.evil.example', false],
      ['https://evil-dashboard.example', false],
      ['https://dashboard.example@evil.example', false],
      [`http://127.0.0.1:${a.port + 1}`, false],
      ['http://127.0.0.1', false],
      ['file://', false],
    ];
    for (const [origin, allowed] of table) {
      const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
      const socket = openRaw(a, { headers });
      const polled = await a.get('/socket.io/?EIO=4&transport=polling', headers);
      await waitFor('an answer to the upgrade', () => socket.status());
      expect([origin, socket.status(), polled.status]).toEqual(
        allowed ? [origin, 101, 200] : [origin, 400, 403],
      );
    }
  });

  it('A6 counts the session cookie only from a page of ours', async () => {
    const token = await a.token('pro');
    const cookieOf = async (value: string): Promise<string> => {
      const answer = await a.post('/api/session', { token: value }, { Origin: a.url });
      return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    };
    const cookie = await cookieOf(token);
    const ours = open(a, { extraHeaders: { Cookie: cookie, Origin: a.url } });
    expect(await ours.hello()).toMatchObject({ tier: 'pro' });
    const polled = open(a, { extraHeaders: { Cookie: cookie, Origin: a.url }, transports: ['polling'] });
    expect(await polled.hello()).toMatchObject({ tier: 'pro' });
    // Not a browser, so nobody has checked which page asks: a token would count, a cookie does not.
    const program = open(a, { extraHeaders: { Cookie: cookie } });
    expect(await program.hello()).toMatchObject({ tier: 'free', mode: 'snapshot' });
    const broken = open(a, { extraHeaders: { Cookie: `${cookie}x`, Origin: a.url } });
    await waitFor('the refusal', () => broken.refusals[0]);
    expect(broken.refusals).toEqual(['token_refused']);
    // What is said on purpose counts before what the browser sends along.
    const both = open(a, { token: 'guest', extraHeaders: { Cookie: cookie, Origin: a.url } });
    expect(await both.hello()).toMatchObject({ tier: 'free' });
  });

  it('of an older or unknown protocol is refused', async () => {
    for (const query of [
      'EIO=3&transport=websocket',
      'EIO=99&transport=websocket',
      'transport=websocket',
      'EIO=4&transport=tcp',
      'EIO=4&transport=websocket&sid=unknown',
    ]) {
      const socket = openRaw(a, { query });
      await waitFor(`${query} to be refused`, () => socket.closed());
      expect(socket.messages).toEqual([]);
    }
  });
});

describe('limits on connections', () => {
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

  it('A5 hold for connections of one user that come all at once, and end with them', async () => {
    const token = await limited.token('pro');
    const crowd = Array.from({ length: 8 }, () => open(limited, { token }));
    expect(await outcome(crowd)).toEqual({ greeted: 3, refusals: Array(5).fill('too_many_sockets') });
    crowd.find((it) => it.hellos.length > 0)?.close();
    await waitFor('the place to be free', async () => {
      const next = open(limited, { token });
      return (await outcome([next])).greeted === 1;
    });
    for (const socket of crowd) socket.close();
  });

  it('A5 hold for connections of one address, whoever they are', async () => {
    await waitFor('earlier connections to be gone', async () => (await connected(limited)) === 0);
    const sockets: TestSocket[] = [];
    for (let i = 0; i < 8; i += 1) {
      sockets.push(open(limited, i % 2 ? {} : { token: await limited.token('pro', { sub: `user-${i}` }) }));
    }
    expect((await outcome(sockets)).greeted).toBe(8);
    expect(await outcome([open(limited), open(limited, { token: await limited.token('elite') })])).toEqual({
      greeted: 0,
      refusals: ['too_many_sockets', 'too_many_sockets'],
    });
  });

  it('A5 do not let one address pile up connections that say nothing', async () => {
    const silent = Array.from({ length: 40 }, () => openRaw(limited));
    await waitFor('an answer to each', () => silent.every((it) => it.status() !== null));
    const open = silent.filter((it) => it.status() === 101).length;
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(16);
  });

  it('B9 a connection that introduces itself many times at once is closed instead of being sent everything many times', async () => {
    const token = await a.token('pro');
    const greedy = openRaw(a);
    await waitFor('the engine to open', () => greedy.messages[0]);
    for (let i = 0; i < 10; i += 1) greedy.ws.send(`40${JSON.stringify({ token })}`);
    await waitFor('it to be closed', () => greedy.closed());
    expect(greedy.messages.filter((it) => it.includes('hello'))).toEqual([]);
  });
});

describe('whatever a client sends', () => {
  it('B8 closes a connection that floods, that sends too much at once, or that talks nonsense', async () => {
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
    const token = await a.token('pro');
    const bystander = open(a, { token });
    await bystander.hello();
    const raws = await Promise.all(
      offences.map(async ([, offend]) => {
        const raw = openRaw(a);
        await raw.introduce({ token: await a.token('pro', { sub: `offender-${Math.random()}` }) });
        offend(raw);
        return raw;
      }),
    );
    await waitFor('every offender to be closed', () => raws.every((it) => it.closed()), {
      timeoutMs: 4_000,
    }).catch(() => undefined);
    expect(offences.filter((_, i) => !raws[i]?.closed()).map(([name]) => name)).toEqual([]);
    expect(raws[0]?.closed()?.code).toBe(1009);
    expect(bystander.disconnects).toEqual([]);
    expect(await bystander.sync(null)).toMatchObject({ full: true });
  });

  it('B8 ignores events that it does not know', async () => {
    const raw = openRaw(a);
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
    expect(raw.closed()).toBeNull();
  });

  it('B8 refuses a poll that carries more than a message may', async () => {
    const polled = await poll(a);
    expect((await polled.send('x'.repeat(20_000))).status).toBe(413);
    expect((await a.get('/health')).status).toBe(200);
  });
});

function times(count: number, task: (i: number) => void): void {
  for (let i = 0; i < count; i += 1) task(i);
}

/** A client of the polling transport that says only what it is told to. */
async function poll(server: TestServer): Promise<{ send(body: string): Promise<Response> }> {
  const opening = await (await server.get('/socket.io/?EIO=4&transport=polling')).text();
  const { sid } = JSON.parse(opening.slice(1)) as { sid: string };
  const url = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  return {
    send: (body) =>
      fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/plain;charset=UTF-8' }, body }),
  };
}

async function connected(server: TestServer): Promise<number> {
  const metrics = await (await server.get('/metrics', OPERATOR)).text();
  return [...metrics.matchAll(/^ws_connected\{.*\} (\d+)$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
}
