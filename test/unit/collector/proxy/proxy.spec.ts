import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ExchangeError } from '../../../../src/collector/binance/exchangeError.ts';
import { FAILED_FOR_MS } from '../../../../src/collector/proxy/cache.ts';
import { createProxyJob, type ProxyJob } from '../../../../src/collector/proxy/proxy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';

const INFO = { timezone: 'UTC', symbols: [{ symbol: 'BTCUSDT' }, { symbol: '币安人生USDT' }] };

let clock: FakeClock;
let proxy: ProxyJob;
let asked: number;
/** What the exchange does next. */
let exchangeInfo: () => Promise<unknown>;

beforeEach(async () => {
  clock = createFakeClock();
  asked = 0;
  exchangeInfo = async () => INFO;
  proxy = createProxyJob({
    port: 0,
    host: '127.0.0.1',
    allowedOrigins: ['https://app.example.com'],
    exchange: {
      exchangeInfo() {
        asked += 1;
        return exchangeInfo();
      },
    },
    clock,
  });
  await proxy.start();
});
afterEach(() => proxy.stop());

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${proxy.port()}${path}`, { headers });
}

const getInfo = (headers?: Record<string, string>) => get('/api/binance/futures/info', headers);

describe('proxy', () => {
  it('forwards the list of contracts unchanged', async () => {
    const response = await getInfo();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual(INFO);
  });

  it('requests once for all concurrent callers, and caches for a minute', async () => {
    let answer: (body: unknown) => void = () => undefined;
    exchangeInfo = () => new Promise((resolve) => (answer = resolve));
    const together = Array.from({ length: 50 }, () => getInfo());
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    await get('/health');
    answer(INFO);
    const bodies = await Promise.all(together.map(async (it) => (await it).json() as Promise<unknown>));
    expect(bodies).toEqual(Array.from({ length: 50 }, () => INFO));
    clock.advance(MINUTE_MS - 1);
    expect((await getInfo()).headers.get('age')).toBe('59');
    expect(asked).toBe(1);
    clock.advance(1);
    exchangeInfo = async () => INFO;
    await getInfo();
    expect(asked).toBe(2);
  });

  it('does not treat a response as fresh when a clock set back puts it in the future', async () => {
    await getInfo();
    clock.set(clock.now() - HOUR_MS);
    await getInfo();
    expect(asked).toBe(2);
  });

  it('serves the last response for an hour when the exchange fails, and marks it', async () => {
    await getInfo();
    exchangeInfo = () => Promise.reject(new ExchangeError('unavailable', 'no answer in 30000 ms'));
    clock.advance(HOUR_MS - 1);
    const stale = await getInfo();
    expect(stale.status).toBe(200);
    expect(stale.headers.get('x-cache')).toBe('stale');
    expect(await stale.json()).toEqual(INFO);
    expect(proxy.status()).toMatchObject({ state: 'slow', ok: 2 });
    clock.advance(1);
    const failed = await getInfo();
    expect(failed.status).toBe(500);
    expect(await failed.json()).toEqual({
      error: 'Failed to fetch from Binance',
      message: 'no answer in 30000 ms',
      timestamp: new Date(clock.now()).toISOString(),
    });
    exchangeInfo = async () => INFO;
    clock.advance(FAILED_FOR_MS);
    expect((await getInfo()).status).toBe(200);
    expect(proxy.status()).toMatchObject({ state: 'up' });
  });

  it('requests at most six times a minute while the exchange fails, however often it is called', async () => {
    exchangeInfo = () => Promise.reject(new ExchangeError('unavailable', 'no answer in 30000 ms'));
    for (let second = 0; second < 60; second += 1) {
      for (let again = 0; again < 3; again += 1) expect((await getInfo()).status).toBe(500);
      clock.advance(SECOND_MS);
    }
    expect(asked).toBe(6);
  });

  it('forwards the exchange’s status, and answers 503 with Retry-After while requests are blocked', async () => {
    exchangeInfo = () => Promise.reject(new ExchangeError('throttled', 'country (451)', { status: 451 }));
    expect((await getInfo()).status).toBe(451);
    clock.advance(FAILED_FOR_MS);
    const until = clock.now() + 90_500;
    exchangeInfo = () => Promise.reject(new ExchangeError('banned', 'banned', { until }));
    const closed = await getInfo();
    expect(closed.status).toBe(503);
    expect(closed.headers.get('retry-after')).toBe('91');
  });

  it('allows the configured origins to read it, and no others', async () => {
    const allowed = await getInfo({ origin: 'https://app.example.com' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('vary')).toContain('Origin');
    for (const origin of ['https://evil.example.com', 'null', 'https://app.example.com.evil.com']) {
      const refused = await getInfo({ origin });
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('names the setting when the port is in use', async () => {
    const port = proxy.port()!;
    const second = createProxyJob({
      port,
      host: '127.0.0.1',
      allowedOrigins: [],
      exchange: { exchangeInfo: async () => INFO },
      clock,
    });
    await expect(second.start()).rejects.toThrow(
      `PROXY_PORT: port ${port} on 127.0.0.1 cannot be opened: another program has it`,
    );
    await second.stop();
  });

  it('answers its health check and forwards nothing else', async () => {
    expect(await (await get('/health')).json()).toEqual({
      status: 'ok',
      service: 'binance-proxy',
      timestamp: new Date(clock.now()).toISOString(),
    });
    expect((await get('/api/binance/fapi/v1/time')).status).toBe(404);
    expect(asked).toBe(0);
  });
});
