import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createAlerts } from '../../../../src/collector/alerts/alerts.ts';
import { createAlertStore } from '../../../../src/collector/alerts/alerts.repository.ts';
import type { Exchange, MarkPrice } from '../../../../src/collector/collector.types.ts';
import { ExchangeError } from '../../../../src/collector/binance/exchangeError.ts';
import { createAttention } from '../../../../src/collector/poller/attention.ts';
import { evenSchedule } from '../../../../src/collector/poller/schedules.ts';
import { createPoller, type Poller } from '../../../../src/collector/poller/poller.ts';
import { createUniverseFeed, type UniverseFeed } from '../../../../src/collector/poller/universe.ts';
import { ServerReadError } from '../../../../src/collector/server/client.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createKeyValue } from '../../../../src/collector/store/keyValue.repository.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

/** A request whose answer never arrives. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

const names = (count: number) => Array.from({ length: count }, (_, i) => `S${i}USDT`);

const dir = withEach(createTempDir, 'remove');

describe('poller', () => {
  let clock: FakeClock;
  let store: Store;
  let universe: UniverseFeed;
  let poller: Poller;
  /** The server's universe. */
  let liquid: string[] | null;
  let serverHangs: boolean;
  let asked: { symbol: string; at: number }[];
  let put: { lane: string; item: Record<string, unknown>; at: number }[];
  let gaps: { symbol: string; from: number | null; to: number }[];
  let unknown: string[];
  let answer: Exchange['openInterest'];
  let price: MarkPrice | null;
  let aheadMs: number;
  /** By how much the system's clock was set; timers do not care. */
  let setByMs: number;
  /** What the store throws on a write. */
  let broken: Error | null;

  beforeEach(async () => {
    clock = createFakeClock();
    store = await openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    liquid = names(20);
    serverHangs = false;
    asked = [];
    put = [];
    gaps = [];
    unknown = [];
    aheadMs = 0;
    setByMs = 0;
    broken = null;
    price = { markPrice: 2, fundingRate: 0.0001, updatedAt: clock.now() };
    answer = async (symbol) => ({ symbol, openInterest: 5, ts: clock.now() - 1_000, fetchedAt: clock.now() });
    build();
  });
  afterEach(async () => {
    await poller.stop();
    store.close();
  });

  function build(lastTs: ReadonlyMap<string, number> = new Map(), requestsPerMin = 600): void {
    const alertStore = createAlertStore(store);
    const settable = { now: () => clock.now() + setByMs };
    const outbox = {
      put: (lane: string, items: readonly object[], alongside?: () => void) => {
        if (broken) throw broken;
        for (const item of items) put.push({ lane, item: item as Record<string, unknown>, at: clock.now() });
        alongside?.();
      },
      holdsUnspooledAlerts: () => false,
    };
    universe = createUniverseFeed({
      server: {
        async selectUniverse(signal) {
          if (serverHangs) await untilAborted(signal!);
          if (!liquid) throw new ServerReadError('the server is down', { isTemporary: true });
          const symbols = liquid.map((symbol) => ({
            symbol,
            quoteVolume24h: 5e6,
            fundingIntervalHours: 8,
            circulatingSupply: null,
            circulatingSupplyAt: null,
            sectors: null,
            enteredAt: '',
            lastSeenAt: '',
            estimatedPollIntervalSec: 5,
          }));
          return {
            updatedAt: '',
            enterThreshold: 4e6,
            exitThreshold: 2e6,
            symbols,
            totalSymbols: symbols.length,
          };
        },
      },
      keyValue: createKeyValue(store),
      clock,
      logger: silentLogger,
    });
    poller = createPoller({
      exchange: {
        openInterest: (symbol, signal) => {
          asked.push({ symbol, at: clock.now() });
          return answer(symbol, signal);
        },
      },
      markPrices: { priceOf: () => price },
      universe,
      outbox,
      alerts: createAlerts({
        rules: [],
        floor: { minDeltaUsd: 0, minDeltaContracts: 0 },
        outbox,
        store: alertStore,
        clock,
        logger: silentLogger,
      }),
      keepReading: alertStore.insertReading,
      attention: createAttention({ proximityOf: () => null }),
      policy: evenSchedule,
      requestsPerMin: () => requestsPerMin,
      clockAheadMs: () => aheadMs,
      settings: { minIntervalSec: 1, maxIntervalSec: 20 },
      lastTs,
      onGap: (gap) => gaps.push(gap),
      onUniverse: () => undefined,
      onUnknownSymbol: (symbol) => unknown.push(symbol),
      clock,
      systemClock: settable,
      logger: silentLogger,
    });
  }

  const pass = (ms: number) => passTime(clock, ms, { stepMs: 20, turns: 1 });

  async function startIt(): Promise<void> {
    await poller.start();
    await nextTurn();
    await nextTurn();
  }

  const readOf = (symbol: string, from = 0) =>
    asked.filter((it) => it.symbol === symbol && it.at >= from).length;

  it('requests every symbol once an interval, evenly spaced, and forwards each answer as it arrives', async () => {
    await startIt();
    // 20 symbols, 600 a minute: every 2 s.
    await pass(10 * SECOND_MS);
    for (const name of names(20)) expect(readOf(name)).toBeGreaterThanOrEqual(4);
    for (const name of names(20)) expect(readOf(name)).toBeLessThanOrEqual(6);
    for (let second = 1; second < 10; second += 1) {
      const since = asked[0]!.at + second * SECOND_MS;
      const count = asked.filter((it) => it.at >= since && it.at < since + SECOND_MS).length;
      expect(count).toBeGreaterThanOrEqual(9);
      expect(count).toBeLessThanOrEqual(11);
    }
    expect(put.length).toBeGreaterThanOrEqual(asked.length - 1);
    expect(put[0]!.item).toEqual({
      symbol: put[0]!.item['symbol'],
      openInterest: 5,
      openInterestUsd: 10,
      markPrice: 2,
      fundingRate: 0.0001,
      ts: put[0]!.at - 1_000,
      source: 'realtime',
      fetchedAt: put[0]!.at,
      spooledAt: put[0]!.at,
    });
    expect(poller.status()).toMatchObject({ state: 'up', ok: 20, failed: 0, everySec: 2 });
  });

  it('C4 sends an unknown price as null, and open interest of 0 as 0', async () => {
    price = null;
    answer = async (symbol) => ({ symbol, openInterest: 0, ts: clock.now(), fetchedAt: clock.now() });
    await startIt();
    await pass(SECOND_MS);
    expect(put[0]!.item).toMatchObject({
      openInterest: 0,
      openInterestUsd: null,
      markPrice: null,
      fundingRate: null,
    });
  });

  it('Q9 sends nothing that is not a finite number', async () => {
    answer = async (symbol) => ({ symbol, openInterest: NaN, ts: clock.now(), fetchedAt: clock.now() });
    await startIt();
    await pass(3 * SECOND_MS);
    expect(put).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
  });

  it('sends no timestamp of a symbol twice, and none older than the last one', async () => {
    const moments = [5_000, 5_000, 4_000, 6_000, 6_000, 7_000];
    const given = new Map<string, number>();
    answer = async (symbol) => {
      const count = given.get(symbol) ?? 0;
      given.set(symbol, count + 1);
      return { symbol, openInterest: 5, ts: moments[Math.min(count, 5)]!, fetchedAt: clock.now() };
    };
    await startIt();
    await pass(20 * SECOND_MS);
    const sent = put.filter((it) => it.item['symbol'] === 'S3USDT').map((it) => it.item['ts']);
    expect(sent).toEqual([5_000, 6_000, 7_000]);
  });

  it('Q8 keeps polling other symbols when some hang', async () => {
    const hanging = new Set(['S1USDT', 'S2USDT']);
    const usual = answer;
    answer = (symbol, signal) =>
      hanging.has(symbol)
        ? new Promise((_resolve, reject) => {
            clock.after(5 * SECOND_MS, () => reject(new ExchangeError('unavailable', 'no answer')));
            signal!.addEventListener('abort', () => reject(signal!.reason as Error), { once: true });
          })
        : usual(symbol, signal);
    await startIt();
    await pass(MINUTE_MS);
    for (const name of names(20)) {
      if (hanging.has(name)) expect(readOf(name)).toBeLessThanOrEqual(12);
      else expect(readOf(name)).toBeGreaterThanOrEqual(29);
    }
    expect(poller.status()).toMatchObject({ state: 'up', ok: 18, failed: 2 });
  });

  it('Q2 sends nothing while the exchange is closed, and resumes without a burst', async () => {
    await startIt();
    await pass(5 * SECOND_MS);
    const until = clock.now() + 2 * MINUTE_MS;
    const usual = answer;
    answer = async () => {
      throw new ExchangeError('banned', 'banned', { until });
    };
    await pass(200);
    const before = asked.length;
    answer = usual;
    expect(poller.status()).toMatchObject({ state: 'down', note: expect.stringContaining('banned') });
    await pass(until - clock.now() - 100);
    expect(asked).toHaveLength(before);
    await pass(1_100);
    expect(asked.length - before).toBeLessThanOrEqual(13);
    expect(asked.length).toBeGreaterThan(before);
  });

  it('stops polling a symbol unknown to the exchange, logs it once, and gives its slots to the others', async () => {
    const usual = answer;
    answer = async (symbol, signal) => {
      if (symbol === 'S5USDT') throw new ExchangeError('unknown_symbol', 'Invalid symbol.');
      return usual(symbol, signal);
    };
    await startIt();
    await pass(MINUTE_MS);
    expect(unknown).toEqual(['S5USDT']);
    expect(readOf('S5USDT')).toBe(1);
    const rest = asked.filter((it) => it.at >= clock.now() - 10 * SECOND_MS).length;
    expect(rest).toBeGreaterThanOrEqual(99);
  });

  it('applies changes of the universe without a restart, and keeps it when the new one is unreadable or empty', async () => {
    await startIt();
    await pass(3 * SECOND_MS);
    liquid = [...names(20).slice(2), 'NEWUSDT'];
    universe.readSoon();
    await pass(2 * SECOND_MS);
    const from = clock.now();
    await pass(5 * SECOND_MS);
    expect(readOf('S0USDT', from)).toBe(0);
    expect(readOf('NEWUSDT', from)).toBeGreaterThanOrEqual(2);
    for (const broken of [null, []]) {
      liquid = broken;
      await pass(31 * SECOND_MS);
      expect(readOf('NEWUSDT', clock.now() - 5 * SECOND_MS)).toBeGreaterThanOrEqual(2);
    }
  });

  it('polls the stored universe when the server is unavailable at start, and waits when there is none', async () => {
    liquid = null;
    await startIt();
    await pass(5 * SECOND_MS);
    expect(asked).toEqual([]);
    expect(poller.status()).toMatchObject({
      state: 'paused',
      blockedBy: 'universe',
      note: expect.stringContaining('there is no universe yet'),
    });
    liquid = names(3);
    await pass(3 * SECOND_MS);
    expect(asked.length).toBeGreaterThan(0);
    await poller.stop();
    liquid = null;
    asked = [];
    build();
    await startIt();
    await pass(3 * SECOND_MS);
    expect(new Set(asked.map((it) => it.symbol))).toEqual(new Set(names(3)));
  });

  it('records gaps: since the last run, during an outage, and for a symbol never read before', async () => {
    const before = clock.now() - 40 * MINUTE_MS;
    build(new Map([['S0USDT', before]]));
    await startIt();
    await pass(3 * SECOND_MS);
    expect(gaps).toContainEqual({ symbol: 'S0USDT', from: before, to: expect.any(Number) });
    expect(gaps).toContainEqual({ symbol: 'S1USDT', from: null, to: expect.any(Number) });
    gaps = [];
    clock.advance(7 * MINUTE_MS);
    await pass(3 * SECOND_MS);
    expect(gaps).toHaveLength(20);
    expect(gaps.every((it) => it.from !== null && it.to - it.from > 6 * MINUTE_MS)).toBe(true);
  });

  it('reports down when no symbol can be read, and slow when many cannot', async () => {
    const usual = answer;
    answer = async (symbol, signal) => {
      if (Number(symbol.slice(1, -4)) < 5) throw new ExchangeError('unavailable', 'no answer');
      return usual(symbol, signal);
    };
    await startIt();
    await pass(30 * SECOND_MS);
    expect(poller.status()).toMatchObject({
      state: 'slow',
      ok: 15,
      failed: 5,
      note: expect.stringMatching(/^5 of 20 symbols not read: no answer \(last of \d+ in a minute\)$/),
    });
    answer = async () => {
      throw new ExchangeError('unavailable', 'no answer');
    };
    await pass(30 * SECOND_MS);
    expect(poller.status()).toMatchObject({ state: 'down', ok: 0 });
    expect(poller.isAlive()).toBe(true);
  });

  it('Q6 stamps samples with the exchange’s time whatever the local clock, and reports a wrong local clock', async () => {
    aheadMs = -10 * MINUTE_MS;
    answer = async (symbol) => ({
      symbol,
      openInterest: 5,
      ts: clock.now() + aheadMs,
      fetchedAt: clock.now(),
    });
    await startIt();
    await pass(3 * SECOND_MS);
    expect(put[0]!.item['ts']).toBe(put[0]!.at - 10 * MINUTE_MS);
    expect(poller.status()).toMatchObject({
      state: 'slow',
      note: "the clock of this machine is 600.0 s ahead of the exchange's",
    });
  });

  it('Q6 keeps its pace when the clock is set back ten minutes, and reports no stale symbol as fresh', async () => {
    await startIt();
    await pass(10 * SECOND_MS);
    setByMs = -10 * MINUTE_MS;
    const from = clock.now();
    await pass(10 * SECOND_MS);
    for (const name of names(20)) expect(readOf(name, from)).toBeGreaterThanOrEqual(4);
    for (const name of names(20)) expect(readOf(name, from)).toBeLessThanOrEqual(6);
    expect(poller.status()).toMatchObject({ state: 'up', ok: 20, failed: 0 });
    setByMs -= 10 * MINUTE_MS;
    answer = async () => {
      throw new ExchangeError('unavailable', 'no answer');
    };
    await pass(30 * SECOND_MS);
    expect(poller.status()).toMatchObject({ state: 'down', ok: 0, failed: 20 });
    expect(poller.status().lastRunAt).toBeLessThanOrEqual(clock.now() + setByMs - 28 * SECOND_MS);
  });

  it('Q6 is unaffected when the clock is set forward ten minutes: no reading becomes older', async () => {
    const usual = answer;
    answer = async (symbol, signal) => {
      if (symbol === 'S5USDT') throw new ExchangeError('unknown_symbol', 'Invalid symbol.');
      return usual(symbol, signal);
    };
    await startIt();
    await pass(10 * SECOND_MS);
    const lastRunAt = poller.status().lastRunAt!;
    setByMs = 10 * MINUTE_MS;
    expect(poller.isAlive()).toBe(true);
    expect(poller.status()).toMatchObject({ state: 'up', ok: 19, failed: 1 });
    expect(poller.status().lastRunAt).toBe(lastRunAt + 10 * MINUTE_MS);
    const from = clock.now();
    await pass(SECOND_MS);
    expect(asked.filter((it) => it.at >= from).length).toBeLessThanOrEqual(11);
    expect(readOf('S5USDT')).toBe(1);
    expect(put.at(-1)!.item['spooledAt']).toBe(clock.now() + setByMs);
    answer = async () => {
      throw new ExchangeError('throttled', 'throttled', { until: clock.now() + setByMs + 5 * SECOND_MS });
    };
    await pass(200);
    const until = new Date(clock.now() + setByMs + 5 * SECOND_MS).toISOString().slice(0, -6);
    expect(poller.status()).toMatchObject({ state: 'down', note: expect.stringContaining(until) });
    answer = usual;
    const paused = asked.length;
    await pass(4 * SECOND_MS);
    expect(asked).toHaveLength(paused);
    await pass(2 * SECOND_MS);
    expect(asked.length).toBeGreaterThan(paused);
  });

  it('Q6 ends a pause and a rest on time although the clock was set back meanwhile', async () => {
    const usual = answer;
    answer = async (symbol, signal) => {
      if (symbol === 'S5USDT') throw new ExchangeError('unknown_symbol', 'Invalid symbol.');
      return usual(symbol, signal);
    };
    await startIt();
    await pass(5 * SECOND_MS);
    setByMs = -10 * MINUTE_MS;
    await pass(9 * MINUTE_MS);
    expect(readOf('S5USDT')).toBe(1);
    await pass(2 * MINUTE_MS);
    expect(readOf('S5USDT')).toBe(2);
    answer = async () => {
      throw new ExchangeError('throttled', 'throttled', { until: clock.now() + setByMs + 5 * SECOND_MS });
    };
    await pass(200);
    answer = usual;
    setByMs -= 10 * MINUTE_MS;
    const from = clock.now();
    await pass(7 * SECOND_MS);
    expect(asked.filter((it) => it.at >= from).length).toBeGreaterThan(0);
  });

  it('ends the process when the store breaks, so that no reading is lost silently', async () => {
    await startIt();
    await pass(2 * SECOND_MS);
    broken = new Error('database disk image is malformed');
    await expect(pass(2 * SECOND_MS)).rejects.toThrow('database disk image is malformed');
    broken = null;
  });

  it('aborts requests in flight on stop', async () => {
    answer = (_symbol, signal) => untilAborted(signal!);
    await startIt();
    await pass(SECOND_MS);
    serverHangs = true;
    await pass(30 * SECOND_MS);
    await poller.stop();
    const count = asked.length;
    clock.advance(10 * SECOND_MS);
    expect(asked).toHaveLength(count);
  });

  it('keeps polling a symbol whose last reading is ahead of the exchange’s clock', async () => {
    liquid = names(2);
    build(new Map([['S0USDT', clock.now() + HOUR_MS]]));
    await startIt();
    await pass(5 * SECOND_MS);
    expect(put.filter((it) => it.item['symbol'] === 'S0USDT').length).toBeGreaterThan(1);
    expect(gaps).toContainEqual(expect.objectContaining({ symbol: 'S0USDT', from: null }));
  });

  it('Q6 keeps the last reading of an exchange whose clock is ahead of this machine’s', async () => {
    liquid = names(1);
    aheadMs = HOUR_MS;
    const from = clock.now() + HOUR_MS - 1_000;
    answer = async (symbol) => ({ symbol, openInterest: 5, ts: from, fetchedAt: clock.now() });
    build(new Map([['S0USDT', from]]));
    await startIt();
    await pass(5 * SECOND_MS);
    expect(put).toEqual([]);
  });
});
