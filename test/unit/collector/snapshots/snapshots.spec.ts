import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { ExchangeError } from '../../../../src/collector/binance/exchangeError.ts';
import { createSnapshotsJob, type SnapshotsJob } from '../../../../src/collector/snapshots/snapshots.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

const EVERY_MS = 5 * MINUTE_MS;
const names = (count: number) => Array.from({ length: count }, (_, i) => `S${i}USDT`);

describe('snapshots of symbols that are not polled', () => {
  let clock: FakeClock;
  let job: SnapshotsJob;
  let asked: { symbol: string; at: number }[];
  let put: Record<string, unknown>[];
  /** The exchange's error for a request after this symbol. */
  let faults: Map<string, Error>;
  /** What the store throws on a write. */
  let broken: Error | null;

  beforeEach(() => {
    clock = createFakeClock();
    asked = [];
    put = [];
    faults = new Map();
    broken = null;
    job = createSnapshotsJob({
      exchange: {
        async exchangeInfo() {
          const symbols = names(12).map((symbol) => {
            return { symbol, contractType: 'PERPETUAL', quoteAsset: 'USDT', status: 'TRADING' };
          });
          return { symbols };
        },
        async openInterest(symbol) {
          asked.push({ symbol, at: clock.now() });
          const fault = faults.get(symbol);
          if (fault) throw fault;
          return { symbol, openInterest: 5, ts: clock.now(), fetchedAt: clock.now() };
        },
      },
      markPrices: { priceOf: () => null },
      isPolled: (symbol) => symbol === 'S0USDT' || symbol === 'S1USDT',
      outbox: {
        put(_lane, items) {
          if (broken) throw broken;
          put.push(...(items as Record<string, unknown>[]));
        },
      },
      everyMs: EVERY_MS,
      clock,
      logger: silentLogger,
    });
  });
  afterEach(() => job.stop());

  const pass = (ms: number) => passTime(clock, ms, { stepMs: SECOND_MS, turns: 4 });

  it('reads each symbol once a period, at an even pace', async () => {
    await job.start();
    await pass(EVERY_MS - SECOND_MS);
    expect(put.map((it) => it['symbol'])).toEqual(names(12).slice(2));
    expect(put[0]).toMatchObject({ source: 'snapshot', openInterest: 5, openInterestUsd: null });
    const gaps = asked.slice(1).map((it, i) => it.at - asked[i]!.at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(23 * SECOND_MS);
    expect(job.status()).toMatchObject({ state: 'up', ok: 10, failed: 0 });
    await pass(EVERY_MS);
    expect(put).toHaveLength(20);
  });

  it('counts a symbol without an answer as not read, and continues with the others', async () => {
    faults.set('S5USDT', new ExchangeError('unavailable', 'no answer'));
    await job.start();
    await pass(EVERY_MS - SECOND_MS);
    expect(put).toHaveLength(9);
    expect(job.status()).toMatchObject({ state: 'up', ok: 9, failed: 1 });
  });

  it('ends the process when the store breaks, which is not a failed reading', async () => {
    broken = new Error('database disk image is malformed');
    await job.start();
    await expect(pass(EVERY_MS)).rejects.toThrow('database disk image is malformed');
    broken = null;
  });
});
