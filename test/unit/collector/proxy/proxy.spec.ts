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

describe('the proxy', () => {
  it('hands on the list of contracts as it came', async () => {
    const response = await getInfo();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual(INFO);
  });

  it('asks the exchange once for all who ask at the same time, and for a minute after', async () => {
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

  it('does not take an answer for fresh that the clock, set back, has put into the future', async () => {
    await getInfo();
    clock.set(clock.now() - HOUR_MS);
    await getInfo();
    expect(asked).toBe(2);
  });

  it('lets the last answer stand in for an hour when the exchange fails, and says so', async () => {
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

  it('asks a failing exchange six times a minute at most, however often it is asked itself', async () => {
    exchangeInfo = () => Promise.reject(new ExchangeError('unavailable', 'no answer in 30000 ms'));
    for (let second = 0; second < 60; second += 1) {
      for (let again = 0; again < 3; again += 1) expect((await getInfo()).status).toBe(500);
      clock.advance(SECOND_MS);
    }
    expect(asked).toBe(6);
  });

  it('answers the exchange’s own status, and 503 with the time to wait when it may not ask', async () => {
    exchangeInfo = () => Promise.reject(new ExchangeError('throttled', 'country (451)', { status: 451 }));
    expect((await getInfo()).status).toBe(451);
    clock.advance(FAILED_FOR_MS);
    const until = clock.now() + 90_500;
    exchangeInfo = () => Promise.reject(new ExchangeError('banned', 'banned', { until }));
    const closed = await getInfo();
    expect(closed.status).toBe(503);
    expect(closed.headers.get('retry-after')).toBe('91');
  });

  it('lets pages of the origins named read it, and no others', async () => {
    const allowed = await getInfo({ origin: 'https://app.example.com' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('vary')).toContain('Origin');
    for (const origin of ['https://evil.example.com', 'null', 'https://app.example.com.evil.com']) {
      const refused = await getInfo({ origin });
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('names the setting of a port that another program has', async () => {
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

  it('says that it is there, and forwards nothing else', async () => {
    expect(await (await get('/health')).json()).toEqual({
      status: 'ok',
      service: 'binance-proxy',
      timestamp: new Date(clock.now()).toISOString(),
    });
    expect((await get('/api/binance/fapi/v1/time')).status).toBe(404);
    expect(asked).toBe(0);
  });
});
