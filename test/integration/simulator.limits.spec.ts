import { beforeEach, describe, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

describe('limits and faults of the simulated exchange', () => {
  const clock = createFakeClock();
  const simulator = withOpened(() => startSimulator({ clock, weights: { refusalsBeforeBan: 5 } }), 'close');
  let address = 0;
  let ip = '';

  beforeEach(() => {
    ip = `198.51.100.${(address += 1)}`;
    simulator.faults.apply({ reset: true });
  });

  async function get(path: string, signal?: AbortSignal): Promise<Response> {
    return fetch(`${simulator.restUrl}${path}`, {
      headers: { 'X-Simulated-Ip': ip },
      ...(signal ? { signal } : {}),
    });
  }
  async function post(body: unknown): Promise<Response> {
    return fetch(`${simulator.restUrl}/simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
  const usedWeight = (response: Response) => Number(response.headers.get('x-mbx-used-weight-1m'));

  it.each([
    ['/fapi/v1/time', 1],
    ['/fapi/v1/exchangeInfo', 1],
    ['/fapi/v1/openInterest?symbol=BTCUSDT', 1],
    ['/fapi/v1/openInterest?symbol=NOPE', 1],
    ['/fapi/v1/ticker/24hr?symbol=BTCUSDT', 1],
    ['/fapi/v1/ticker/24hr', 40],
    ['/fapi/v1/premiumIndex?symbol=BTCUSDT', 1],
    ['/fapi/v1/premiumIndex', 10],
  ])('charges %s %i of weight and reports the weight of the minute', async (path, weight) => {
    expect(usedWeight(await get(path))).toBe(weight);
    expect(usedWeight(await get(path))).toBe(2 * weight);
    clock.advance(MINUTE_MS);
    expect(usedWeight(await get(path))).toBe(weight);
  });

  it('answers 429 over the limit, 418 to a client that continues, and resets after the ban', async () => {
    clock.set(Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS + 20 * SECOND_MS);
    for (let done = 0; done < 60; done += 1) expect((await get('/fapi/v1/ticker/24hr')).status).toBe(200);
    for (let refused = 0; refused < 5; refused += 1) {
      const response = await get('/fapi/v1/time');
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('40');
      expect(await response.json()).toEqual({
        code: -1003,
        msg: `Too many requests; current limit of IP(${ip}) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.`,
      });
    }
    const banned = await get('/fapi/v1/time');
    const until = clock.now() + 2 * MINUTE_MS;
    expect(banned.status).toBe(418);
    expect(banned.headers.get('retry-after')).toBe('120');
    expect(await banned.json()).toEqual({
      code: -1003,
      msg: `Way too much request weight used; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`,
    });
    const stats = simulator.stats();
    expect(stats.bans).toContainEqual({ address: ip, from: clock.now(), until });
    expect(stats.minutes.filter((row) => row.address === ip)).toEqual([
      expect.objectContaining({ acceptedWeight: 2_400, refused: 5, duringBan: 1, requests: 66 }),
    ]);
    clock.advance(2 * MINUTE_MS);
    expect((await get('/fapi/v1/time')).status).toBe(200);
  });

  it('limits futures/data to 1,000 requests in five minutes, separately from the weight', async () => {
    clock.set(Math.ceil(clock.now() / (5 * MINUTE_MS)) * 5 * MINUTE_MS);
    const path = '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&limit=1';
    for (let done = 0; done < 20; done += 1) {
      const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await get(path)).status));
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    const refused = await get(path);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('300');
    expect(usedWeight(await get('/fapi/v1/time'))).toBe(1);
  });

  it('serves its request counts and the planned spikes and dumps', async () => {
    await get('/fapi/v1/time');
    const stats = (await (await fetch(`${simulator.restUrl}/simulator/stats`)).json()) as ReturnType<
      Simulator['stats']
    >;
    expect(stats).toEqual(simulator.stats());
    expect(stats.minutes.find((row) => row.address === ip)).toMatchObject({ requests: 1, acceptedWeight: 1 });
    const [from, to] = [clock.now() - MINUTE_MS * 30, clock.now()];
    const answer = await fetch(`${simulator.restUrl}/simulator/events?from=${from}&to=${to}`);
    const events: unknown = await answer.json();
    expect(events).toEqual(simulator.market.eventsBetween(from, to));
    expect(events).not.toHaveLength(0);
  });

  it('sets faults by HTTP and refuses unknown ones', async () => {
    expect((await post({ errorRate: 1, errorStatus: 502 })).status).toBe(200);
    const broken = await get('/fapi/v1/time');
    expect(broken.status).toBe(502);
    expect(broken.headers.get('content-type')).toContain('text/html');
    const refused = await post({ errorsRate: 1 });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_request' } });
    expect((await get('/fapi/v1/time')).status).toBe(502);
    await post({ reset: true });
    expect((await get('/fapi/v1/time')).status).toBe(200);
  });

  it.each([403, 408, 451, 500, 503, 504] as const)(
    'fails with %i and still charges the weight',
    async (status) => {
      simulator.faults.apply({ errorRate: 1, errorStatus: status });
      await get('/fapi/v1/premiumIndex');
      const response = await get('/fapi/v1/premiumIndex');
      expect(response.status).toBe(status);
      expect(usedWeight(response)).toBe(20);
    },
  );

  it('hangs: the request is accepted, charged and never answered', async () => {
    simulator.faults.apply({ hangRate: 1, onlySymbols: ['BTCUSDT'] });
    await expect(get('/fapi/v1/openInterest?symbol=BTCUSDT', AbortSignal.timeout(300))).rejects.toThrow(
      'timeout',
    );
    expect((await get('/fapi/v1/openInterest?symbol=ETHUSDT')).status).toBe(200);
    expect(simulator.stats().minutes.at(-1)).toMatchObject({ address: ip, acceptedWeight: 2 });
  });

  it('tears: the response is shorter than its content length', async () => {
    simulator.faults.apply({ tornRate: 1 });
    const response = await get('/fapi/v1/premiumIndex');
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100_000);
    await expect(response.text()).rejects.toThrow();
  });

  it('delays responses by the configured latency', async () => {
    simulator.faults.apply({ latencyMs: 5_000, onlyPaths: ['/fapi/v1/time'] });
    let status = 0;
    const late = get('/fapi/v1/time').then((response) => (status = response.status));
    await waitFor('the request to arrive', () => simulator.stats().minutes.some((row) => row.address === ip));
    clock.advance(4_999);
    expect((await get('/fapi/v1/ping')).status).toBe(200);
    expect(status).toBe(0);
    clock.advance(1);
    await late;
    expect(status).toBe(200);
  });

  it('lists and delists while it runs', async () => {
    const openInterestOf = async (symbol: string): Promise<unknown> => {
      const answer = await get(`/fapi/v1/openInterest?symbol=${symbol}`);
      return answer.json();
    };
    const statusOf = async (symbol: string) => {
      const info = (await (await get('/fapi/v1/exchangeInfo')).json()) as {
        symbols: { symbol: string; status: string }[];
      };
      return info.symbols.find((it) => it.symbol === symbol)?.status;
    };
    expect(await openInterestOf('NEWUSDT')).toMatchObject({ code: -1121 });
    expect(await statusOf('NEWUSDT')).toBeUndefined();
    await post({ list: 'NEWUSDT', delist: 'XRPUSDT' });
    expect(await openInterestOf('NEWUSDT')).toMatchObject({ symbol: 'NEWUSDT' });
    expect(await statusOf('NEWUSDT')).toBe('TRADING');
    expect(await openInterestOf('XRPUSDT')).toMatchObject({ code: -4108 });
    expect(await statusOf('XRPUSDT')).toBe('SETTLING');
    const frozen = (await (await get('/fapi/v1/premiumIndex?symbol=XRPUSDT')).json()) as object;
    clock.advance(10 * MINUTE_MS);
    expect(await (await get('/fapi/v1/premiumIndex?symbol=XRPUSDT')).json()).toEqual({
      ...frozen,
      time: clock.now(),
    });
  });

  it('omits contracts from premiumIndex on demand', async () => {
    simulator.faults.apply({ withoutMarkPrice: ['BTCUSDT'] });
    const rows = (await (await get('/fapi/v1/premiumIndex')).json()) as { symbol: string }[];
    expect(rows.some((row) => row.symbol === 'BTCUSDT')).toBe(false);
    expect(rows.some((row) => row.symbol === 'ETHUSDT')).toBe(true);
  });

  it('bans an address on demand', async () => {
    simulator.faults.apply({ ban: { address: ip, seconds: 30 } });
    const response = await get('/fapi/v1/time');
    expect(response.status).toBe(418);
    expect(response.headers.get('retry-after')).toBe('30');
  });

  it('skews all its times, and runs at the configured speed', async () => {
    const fast = await startSimulator({ clock, startAt: Date.UTC(2026, 9, 1), speed: 60 });
    try {
      const timeOf = async (path: string, field: string) =>
        ((await (await fetch(`${fast.restUrl}${path}`)).json()) as Record<string, number>)[field]!;
      expect(await timeOf('/fapi/v1/time', 'serverTime')).toBe(Date.UTC(2026, 9, 1));
      clock.advance(MINUTE_MS);
      expect(await timeOf('/fapi/v1/time', 'serverTime')).toBe(Date.UTC(2026, 9, 1, 1));
      fast.faults.apply({ clockSkewMs: -90_000 });
      expect(await timeOf('/fapi/v1/time', 'serverTime')).toBe(Date.UTC(2026, 9, 1, 1) - 90_000);
      const { headers } = await fetch(`${fast.restUrl}/fapi/v1/ping`);
      expect(Date.parse(headers.get('date')!)).toBe(Math.floor((clock.now() - 90_000) / 1_000) * 1_000);
      expect(await timeOf('/fapi/v1/premiumIndex?symbol=BTCUSDT', 'time')).toBe(
        Date.UTC(2026, 9, 1, 1) - 90_000,
      );
      expect(await timeOf('/fapi/v1/openInterest?symbol=BTCUSDT', 'time')).toBeLessThanOrEqual(fast.now());
    } finally {
      await fast.close();
    }
  });
});
