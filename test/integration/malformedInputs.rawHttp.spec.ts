import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { createFakeClock } from '../support/fakeClock.ts';
import { inTime } from '../support/waitFor.ts';
import { Refusal } from '../support/openInterestCalls.ts';
import { isWholeAnswer, openRawConnection, parseRawAnswer, sendRaw } from '../support/rawHttp.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { withServer } from '../support/withServer.ts';

const ANSWER_MS = 200;
const BODY = '{"data":[{"symbol":"BTCUSDT","openInterest":1}]}';

const { database, server } = withServer({ clock: createFakeClock() });

async function countHistory(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::int from open_interest_snapshots',
  );
  return rows[0]!.count;
}

/** The head of an ingest request, with these header lines besides host, key and type. */
function head(...lines: string[]): string {
  const all = ['Host: x', `X-API-Key: ${INGEST_KEY}`, 'Content-Type: application/json', ...lines];
  return `POST /api/market/open-interest/ingest HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n`;
}

const length = (value: number | string) => `Content-Length: ${value}`;

describe('bytes that are no request', () => {
  it.each<[string, string, number, string]>([
    ['a length that is too short', head(length(5)) + BODY, 400, 'malformed_http'],
    ['a negative length', head(length(-1)) + BODY, 400, 'malformed_http'],
    ['a length that is no number', head(length('0x10')) + BODY, 400, 'malformed_http'],
    [
      'a length and chunks',
      `${head(length(48), 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      400,
      'malformed_http',
    ],
    ['two lengths', head(length(48), length(3)) + BODY, 400, 'malformed_http'],
    [
      'a bad chunk size',
      `${head('Transfer-Encoding: chunked')}zz\r\n${BODY}\r\n0\r\n\r\n`,
      400,
      'malformed_http',
    ],
    ['an unknown transfer encoding', head('Transfer-Encoding: x') + BODY, 400, 'malformed_http'],
    ['a header line with a bare LF', `GET /health HTTP/1.1\nHost: x\n\n`, 400, 'malformed_http'],
    ['a folded header', `GET /health HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n`, 400, 'malformed_http'],
    ['a NUL in a header', head('A: b\0c') + BODY, 400, 'malformed_http'],
    ['20 kB of headers', head(`A: ${'b'.repeat(20_000)}`), 431, 'headers_too_large'],
    [
      '2,500 headers',
      head(...Array.from({ length: 2_500 }, (_, i) => `A${i}: bcd`)),
      431,
      'headers_too_large',
    ],
    ['an unknown method', 'BREW /health HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'malformed_http'],
    ['not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed_http'],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'malformed_http'],
    ['an undecodable path', 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n', 404, 'not_found'],
  ])('X1 are refused in time, and nothing is stored: %s', async (_, sent, status, code) => {
    const answer = await inTime(ANSWER_MS, () => sendRaw(server.port, sent));
    expect(answer?.status).toBe(status);
    expect(answer?.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { error } = Refusal.parse(JSON.parse(answer!.body));
    expect(error.code).toBe(code);
    expect(await countHistory()).toBe(0);
    expect((await server.get('/livez')).status).toBe(200);
  });

  it('X1 C6 have no effect as a header called __proto__', async () => {
    const answer = await sendRaw(
      server.port,
      'GET /health HTTP/1.1\r\nHost: x\r\n__proto__: a\r\n__proto__: b\r\n\r\n',
    );
    expect(answer?.status).toBe(200);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('X1 do not keep a connection that closes silently', async () => {
    const connections = await Promise.all(Array.from({ length: 50 }, () => openRawConnection(server.port)));
    for (const connection of connections) connection.end();
    const left = await openRawConnection(server.port);
    left.write(head(length(1_000)) + BODY);
    left.end();
    expect((await server.get('/livez')).status).toBe(200);
  });
});

describe('a request for a protocol upgrade', () => {
  const upgrade = (protocol: string) => [
    `Connection: Upgrade, HTTP2-Settings`,
    `Upgrade: ${protocol}`,
    'HTTP2-Settings: A',
  ];
  const ask = (path: string, protocol: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade(protocol).join('\r\n')}\r\n\r\n`;

  it.each([
    ['h2c', '/health', 200],
    ['h2c', '/nowhere', 404],
    ['websocket', '/health', 200],
    ['h2c, websocket', '/health', 200],
    ['h2c', '/socket.io/?EIO=4&transport=polling', 200],
  ])('is answered like any other: %s at %s', async (protocol, path, status) => {
    const answer = await inTime(ANSWER_MS, () => sendRaw(server.port, ask(path, protocol)));
    expect(answer?.status).toBe(status);
  });

  it('is answered for a POST too, as HTTP/2 clients that start with HTTP/1.1 send', async () => {
    const answer = await sendRaw(server.port, head(length(BODY.length), ...upgrade('h2c')) + BODY);
    expect(answer?.status).toBe(200);
    await database.pool.query('delete from open_interest_snapshots');
  });
});

// Each waits for real time, because Node's own timeouts do; they wait at the same time.
describe('a slow sender', () => {
  it('X1 is closed with 408: its body after 15 s, its headers after 10 s; an idle poller is not', async () => {
    const [slowBody, slowHeaders, idle] = await Promise.all([
      sendBodySlowly(),
      sendHeadersSlowly(),
      postTwice(),
    ]);
    expect(slowBody).toMatchObject({ status: 408, code: 'request_timeout' });
    expect(slowBody.ms).toBeGreaterThan(14_000);
    expect(slowBody.ms).toBeLessThan(20_000);
    expect(slowHeaders).toMatchObject({ status: 408, code: 'request_timeout' });
    expect(slowHeaders.ms).toBeGreaterThan(9_000);
    expect(slowHeaders.ms).toBeLessThan(slowBody.ms);
    expect(idle).toEqual([200, 200]);
    expect(await countHistory()).toBe(1);
  });

  async function sendBodySlowly(): Promise<TimedRefusal> {
    return dribble(head(length(48)), BODY);
  }

  async function sendHeadersSlowly(): Promise<TimedRefusal> {
    return dribble('GET /health HTTP/1.1\r\n', `Host: ${'x'.repeat(60)}`);
  }

  type TimedRefusal = { status: number; code: string; ms: number };

  /** Sends `first`, then a byte of `rest` a second until the server closes the connection. */
  async function dribble(first: string, rest: string): Promise<TimedRefusal> {
    const startedAt = performance.now();
    const connection = await openRawConnection(server.port);
    connection.write(first);
    let isOver = false;
    const answer = connection.read(isWholeAnswer).then((text) => {
      isOver = true;
      return parseRawAnswer(text);
    });
    for (const byte of rest) {
      await Promise.race([delay(1_000), answer]);
      if (isOver) break;
      connection.write(byte);
    }
    const ms = performance.now() - startedAt;
    const got = await answer;
    await connection.closed;
    return { status: got!.status, code: Refusal.parse(JSON.parse(got!.body)).error.code, ms };
  }

  /** Like a poller that posts every 12 s on one connection: longer than the header timeout of 10 s. */
  async function postTwice(): Promise<number[]> {
    const connection = await openRawConnection(server.port);
    const post = async (): Promise<number> => {
      connection.write(head(length(Buffer.byteLength(BODY))) + BODY);
      return parseRawAnswer(await connection.read(isWholeAnswer))!.status;
    };
    const first = await post();
    await delay(12_000);
    const second = await post();
    connection.end();
    return [first, second];
  }
});
