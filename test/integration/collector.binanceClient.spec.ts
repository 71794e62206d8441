import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ExchangeError } from '../../src/collector/binance/exchangeError.ts';
import { createProxyJob } from '../../src/collector/proxy/proxy.ts';
import { HOUR_MS, MINUTE_MS, systemClock, type Clock } from '../../src/kit/clock.ts';
import { filterUsdtPerps } from '../../src/openInterest/openInterest.liquidUniverse.service.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { anExchangeClient } from '../support/exchangeClient.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { withEach, withOpened } from '../support/withOpened.ts';

/** Timeouts are fifty times shorter, for requests that are never answered. */
const hasty: Clock = { now: systemClock.now, after: (ms, task) => systemClock.after(ms / 50, task) };

const exchange = withOpened(startSimulator, 'close');
const client = withEach(() => anExchangeClient({ restUrl: exchange.restUrl }), 'close');
afterEach(() => void exchange.faults.apply({ reset: true }));

async function refusalOf(asked: Promise<unknown>): Promise<ExchangeError> {
  const thrown = await asked.then(
    (answer) => answer,
    (error: unknown) => error,
  );
  if (thrown instanceof ExchangeError) return thrown;
  throw new Error('was not refused', { cause: thrown });
}

describe('exchange client', () => {
  it.each(['BTCUSDT', '币安人生USDT', '1000PEPEUSDT'])(
    'Q6 reads %s with the exchange’s own time',
    async (symbol) => {
      const reading = await client.openInterest(symbol);
      expect(reading.symbol).toBe(symbol);
      expect(reading.openInterest).toBeGreaterThan(0);
      expect(Math.abs(reading.ts - exchange.now())).toBeLessThan(MINUTE_MS);
      expect(Math.abs(reading.fetchedAt - Date.now())).toBeLessThan(5_000);
    },
  );

  it('reads contracts, volumes and history', async () => {
    const perps = filterUsdtPerps(await client.exchangeInfo());
    expect(perps.length).toBeGreaterThan(400);
    const volumes = await client.quoteVolumes24h();
    expect(volumes.get('BTCUSDT')).toBeGreaterThan(1e9);
    const intervals = await client.fundingIntervalHours();
    expect(intervals.get('BTCUSDT')).toBe(8);
    expect(new Set(intervals.values())).toEqual(new Set([1, 4, 8]));
    const [btc, pepe, gold] = await Promise.all(
      ['BTCUSDT', '1000PEPEUSDT', 'XAUUSDT'].map((it) => client.circulatingSupply(it)),
    );
    expect(btc).toBe(20_086_328);
    // The exchange counts coins; a contract is a thousand of them.
    expect(pepe).toBeCloseTo(420_689_899_653.542, 3);
    expect(gold).toBeNull();
    const to = exchange.now();
    const { points, leftOut } = await client.openInterestHist({ symbol: 'BTCUSDT', from: to - HOUR_MS, to });
    expect(leftOut).toBe(0);
    expect(points.length).toBeGreaterThanOrEqual(11);
    expect(points.map((it) => it.ts)).toEqual(points.map((it) => it.ts).toSorted((a, b) => a - b));
    expect(points[0]).toMatchObject({ symbol: 'BTCUSDT' });
    expect(points[0]!.openInterestUsd! / points[0]!.openInterest).toBeGreaterThan(1_000);
  });

  it('Q3 charges the weights that the exchange does', async () => {
    const address = '203.0.113.42';
    const alone = anExchangeClient({ restUrl: exchange.restUrl, headers: { 'x-simulated-ip': address } });
    await alone.exchangeInfo();
    await alone.quoteVolumes24h();
    await alone.fundingIntervalHours();
    await alone.openInterest('ETHUSDT');
    await alone.openInterestHist({ symbol: 'BTCUSDT', from: exchange.now() - HOUR_MS, to: exchange.now() });
    const counted = exchange.stats().minutes.filter((it) => it.address === address);
    expect(counted.reduce((sum, it) => sum + it.acceptedWeight, 0)).toBe(42);
    expect(alone.budget.status().usedWeight).toBe(42);
    await alone.close();
  });

  it.each(['NEVERUSDT', 'btcusdt', 'A&symbol=BTCUSDT', 'BTC USDT', '%'])(
    'reports that the exchange does not know %s',
    async (symbol) => {
      expect(await refusalOf(client.openInterest(symbol))).toMatchObject({ kind: 'unknown_symbol' });
    },
  );

  it.each([
    [{ tornRate: 1 }, 'unavailable'],
    [{ hangRate: 1 }, 'unavailable'],
    [{ errorRate: 1, errorStatus: 503 as const }, 'unavailable'],
    [{ errorRate: 1, errorStatus: 500 as const }, 'unavailable'],
    [{ errorRate: 1, errorStatus: 403 as const }, 'throttled'],
    [{ errorRate: 1, errorStatus: 451 as const }, 'throttled'],
  ])('maps %j to an error of kind %s, and continues when it is over', async (fault, kind) => {
    exchange.faults.apply(fault);
    const impatient =
      'hangRate' in fault ? anExchangeClient({ restUrl: exchange.restUrl, clock: hasty }) : client;
    for (const asked of [
      () => impatient.openInterest('BTCUSDT'),
      () => impatient.exchangeInfo(),
      () => impatient.quoteVolumes24h(),
    ]) {
      expect(await refusalOf(asked())).toMatchObject({ kind });
    }
    if (impatient !== client) await impatient.close();
    exchange.faults.apply({ reset: true });
    if (kind === 'unavailable') await expect(client.openInterest('BTCUSDT')).resolves.toBeDefined();
  });

  it('reports the exchange as unreachable when connections are refused or responses break off', async () => {
    const link = await startFaultProxy(Number(new URL(exchange.restUrl).port));
    const restUrl = `http://127.0.0.1:${link.port}`;
    const far = anExchangeClient({ restUrl });
    const impatient = anExchangeClient({ restUrl, clock: hasty });
    await expect(far.openInterest('BTCUSDT')).resolves.toBeDefined();
    link.set({ mode: 'cutReply', afterBytes: 120 });
    expect(await refusalOf(far.openInterest('BTCUSDT'))).toMatchObject({ kind: 'unavailable', status: null });
    link.set({ mode: 'blackhole' });
    expect(await refusalOf(impatient.openInterest('BTCUSDT'))).toMatchObject({ kind: 'unavailable' });
    await impatient.close();
    link.set({ mode: 'pass' });
    await expect(far.openInterest('BTCUSDT')).resolves.toBeDefined();
    await link.close();
    expect(await refusalOf(far.openInterest('BTCUSDT'))).toMatchObject({ kind: 'unavailable' });
    await far.close();
  });

  it('aborts with its caller', async () => {
    exchange.faults.apply({ hangRate: 1 });
    const giveUp = new AbortController();
    const asked = client.openInterest('BTCUSDT', giveUp.signal);
    setImmediate(() => giveUp.abort(new Error('stopping')));
    await expect(asked).rejects.toThrow('stopping');
  });

  it('requests contracts from the proxy if configured, and the rest from the exchange', async () => {
    const behind = anExchangeClient({ restUrl: exchange.restUrl });
    const proxy = createProxyJob({
      port: 0,
      host: '127.0.0.1',
      allowedOrigins: [],
      exchange: behind,
      clock: systemClock,
    });
    await proxy.start();
    const byProxy = anExchangeClient({
      restUrl: exchange.restUrl,
      proxyUrl: `http://127.0.0.1:${proxy.port()}`,
    });
    const asked = () => exchange.stats().totals.answers['/fapi/v1/exchangeInfo']?.['200'] ?? 0;
    const before = asked();
    for (let time = 0; time < 5; time += 1) {
      expect(filterUsdtPerps(await byProxy.exchangeInfo()).length).toBeGreaterThan(400);
    }
    expect(asked() - before).toBe(1);
    await expect(byProxy.openInterest('BTCUSDT')).resolves.toBeDefined();
    await proxy.stop();
    expect(await refusalOf(byProxy.exchangeInfo())).toMatchObject({ kind: 'unavailable' });
    await byProxy.close();
    await behind.close();
  });

  it('Q6 measures the offset of the exchange’s clock from the system’s', async () => {
    let aheadMs = 0;
    const server = createServer((_request, response) => {
      response.setHeader('Date', new Date(Date.now() + aheadMs).toUTCString());
      response.end('{"symbol":"BTCUSDT","openInterest":"106312.376","time":1789478297197}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const far = anExchangeClient({ restUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect(far.clockAheadMs()).toBeNull();
    await far.openInterest('BTCUSDT');
    expect(far.clockAheadMs()).toBe(0);
    aheadMs = -10 * MINUTE_MS;
    const reading = await far.openInterest('BTCUSDT');
    expect(Math.abs(far.clockAheadMs()! + 10 * MINUTE_MS)).toBeLessThan(1_000);
    expect(reading.ts).toBe(1_789_478_297_197);
    await far.close();
    server.close();
    server.closeAllConnections();
  });

  /** An exchange with responses set by the test. */
  async function anExchangeThatSays(bodyOf: (url: URL) => unknown) {
    const server = createServer((request, response) => {
      response.end(JSON.stringify(bodyOf(new URL(request.url!, 'http://exchange'))));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const far = anExchangeClient({ restUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    return {
      far,
      async close() {
        await far.close();
        server.close();
        server.closeAllConnections();
      },
    };
  }

  it.each([
    ['microseconds', () => Date.now() * 1_000, /time is not as documented: must be epoch ms/],
    ['seconds', () => Math.floor(Date.now() / 1_000), /time is not as documented: must be epoch ms/],
    ['an hour ahead', () => Date.now() + HOUR_MS, /the time of AAAUSDT lies 3[56]\d\d s ahead/],
    ['an hour ahead as text', () => String(Date.now() + HOUR_MS), /lies 3[56]\d\d s ahead/],
  ])('refuses a reading whose time is in %s, and accepts the next one', async (_what, time, message) => {
    let at: () => number | string = time;
    const { far, close } = await anExchangeThatSays((url) => ({
      symbol: url.searchParams.get('symbol'),
      openInterest: '1000000',
      time: at(),
    }));
    const error = await refusalOf(far.openInterest('AAAUSDT'));
    expect(error).toMatchObject({ kind: 'unavailable', message: expect.stringMatching(message) });
    at = () => Date.now();
    await expect(far.openInterest('AAAUSDT')).resolves.toMatchObject({ openInterest: 1_000_000 });
    await close();
  });

  it('skips a blank row of history and keeps the others', async () => {
    const rows = [
      ['20403.63700000', '150570784.07809979', 1_795_863_000_000],
      ['', '', 1_795_863_300_000],
      ['20405.00000000', '150570999.00000000', 1_795_863_600_000],
    ].map(([sumOpenInterest, sumOpenInterestValue, timestamp]) => {
      return { symbol: 'AAUSDT', sumOpenInterest, sumOpenInterestValue, timestamp };
    });
    let answered: unknown[] = rows;
    const { far, close } = await anExchangeThatSays(() => answered);
    const range = { symbol: 'AAUSDT', from: 1_795_863_000_000, to: 1_795_863_600_000 };
    const { points, leftOut } = await far.openInterestHist(range);
    expect(points.map((it) => it.ts)).toEqual([range.from, range.to]);
    expect(leftOut).toBe(1);
    // A page of only such rows would be requested forever.
    answered = [rows[1]];
    expect(await refusalOf(far.openInterestHist(range))).toMatchObject({ kind: 'refused' });
    await close();
  });
});
