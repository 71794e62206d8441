import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { planUniverse } from '../../../../src/collector/liquidUniverse/plan.ts';
import {
  createLiquidUniverseJob,
  type LiquidUniverseJob,
} from '../../../../src/collector/liquidUniverse/liquidUniverse.ts';
import type { ServerClient } from '../../../../src/collector/server/client.ts';
import { LiquidUniverseUpdate } from '../../../../src/openInterest/universe/universe.types.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

const listing = (symbols: readonly string[], tags: Record<string, unknown[]> = {}) => ({
  symbols: symbols.map((symbol) => ({
    symbol,
    contractType: 'PERPETUAL',
    quoteAsset: 'USDT',
    status: 'TRADING',
    underlyingSubType: tags[symbol],
  })),
});

const plan = (volumes: Record<string, number>, current: string[], trading = Object.keys(volumes)) =>
  planUniverse({
    exchangeInfo: listing(trading, { NEW: ['Alpha', 'DEFI', 'DeFi', 7, 'a,b'] }),
    quoteVolumes24h: new Map(Object.entries(volumes)),
    fundingIntervalHours: new Map([['NEW', 4]]),
    supplyOf: (symbol) => (symbol === 'NEW' ? { supply: 3e9, at: NOON } : undefined),
    current,
    enter: 4e6,
    exit: 2e6,
    now: NOON,
  });

describe('plan of a universe', () => {
  it('has a reason for each symbol that enters or leaves, and for no other', () => {
    const it = plan(
      { NEW: 5.25e6, STAYS: 2.5e6, FELL: 1.9e6, SMALL: 3e6 },
      ['STAYS', 'FELL', 'GONE', 'MUTE'],
      ['NEW', 'STAYS', 'FELL', 'SMALL', 'MUTE'],
    );
    expect(it.reasons).toEqual({
      NEW: '24 h volume of $5.25M has reached the $4.00M to enter',
      FELL: '24 h volume of $1.90M is below the $2.00M to stay',
      GONE: 'no longer traded as a USDT perpetual',
      MUTE: 'the exchange has no 24 h ticker for it',
    });
    expect(LiquidUniverseUpdate.parse(it).symbols.map((each) => each.symbol)).toEqual(['NEW', 'STAYS']);
  });

  it('has the funding interval of each symbol, 8 hours where the exchange names none', () => {
    const update = plan({ NEW: 5e6, STAYS: 5e6 }, []);
    expect(update.symbols.map((each) => [each.symbol, each.fundingIntervalHours])).toEqual([
      ['NEW', 4],
      ['STAYS', 8],
    ]);
  });

  it('has the sectors of each symbol, and its supply where it was read', () => {
    const update = plan({ NEW: 5e6, STAYS: 5e6 }, []);
    expect(update.symbols).toMatchObject([
      { sectors: ['Alpha', 'DeFi'], circulatingSupply: 3e9, circulatingSupplyAt: '2026-11-20T12:00:00.000Z' },
      { sectors: [] },
    ]);
    expect(update.symbols[1]).not.toHaveProperty('circulatingSupplyAt');
    expect(LiquidUniverseUpdate.safeParse(update).success).toBe(true);
  });

  it('handles symbol names that are properties of Object', () => {
    const it = plan(
      { constructor: 5e6, 币安人生USDT: 5e6 },
      ['toString'],
      ['constructor', '币安人生USDT', 'valueOf'],
    );
    expect(it.symbols.map((each) => each.symbol)).toEqual(['constructor', '币安人生USDT']);
    expect(Object.keys(it.reasons ?? {})).toEqual(['constructor', '币安人生USDT', 'toString']);
  });
});

describe('universe job', () => {
  let clock: FakeClock;
  let job: LiquidUniverseJob;
  let volumes: Record<string, number> | null;
  let intervals: Map<string, number> | null;
  /** By symbol; `null`: the history cannot be read. */
  let supplies: Map<string, number> | null;
  let asked: string[];
  let askedAt: string | null;
  let current: string[] | null;
  let updates: unknown[];
  let reply: Awaited<ReturnType<ServerClient['updateUniverse']>>;
  let changes: number;

  beforeEach(() => {
    clock = createFakeClock();
    volumes = { A: 5e6, B: 3e6 };
    intervals = new Map();
    supplies = null;
    asked = [];
    askedAt = null;
    current = ['B'];
    updates = [];
    changes = 0;
    reply = { outcome: 'accepted', body: { success: true, entered: ['A'], left: [] } };
    job = createLiquidUniverseJob({
      exchange: {
        exchangeInfo: async () => listing(Object.keys(volumes ?? {})),
        quoteVolumes24h: async () => {
          if (!volumes) throw new Error('the exchange is down');
          return new Map(Object.entries(volumes));
        },
        async fundingIntervalHours() {
          if (!intervals) throw new Error('the list of intervals is down');
          return intervals;
        },
        async circulatingSupply(symbol) {
          asked.push(symbol);
          if (!supplies) throw new Error('the history is down');
          return supplies.get(symbol) ?? null;
        },
      },
      server: {
        async selectUniverse() {
          if (!current) throw new Error('the server is down');
          const symbols = current.map((symbol) => ({
            symbol,
            quoteVolume24h: 0,
            fundingIntervalHours: null,
            circulatingSupply: null,
            circulatingSupplyAt: askedAt,
            sectors: null,
            enteredAt: '',
            lastSeenAt: '',
            estimatedPollIntervalSec: 5,
          }));
          return { updatedAt: '', enterThreshold: 0, exitThreshold: 0, symbols, totalSymbols: 0 };
        },
        async updateUniverse(update) {
          updates.push(update);
          return reply;
        },
      },
      thresholds: { enterQuoteVolume24h: 4e6, exitQuoteVolume24h: 2e6 },
      onChanged: () => (changes += 1),
      clock,
      logger: silentLogger,
    });
  });
  afterEach(() => job.stop());

  const pass = (ms: number) => passTime(clock, ms, { stepMs: SECOND_MS, turns: 3 });

  it('posts nothing when the present set cannot be read', async () => {
    current = null;
    await expect(job.run()).rejects.toThrow('the server is down');
    await job.start();
    await pass(10 * MINUTE_MS);
    expect(updates).toEqual([]);
    expect(job.status()).toMatchObject({ state: 'down', note: 'the server is down' });
  });

  it('posts the set without funding intervals when they cannot be read', async () => {
    intervals = null;
    await job.run();
    expect(updates).toMatchObject([{ symbols: [{ symbol: 'A' }, { symbol: 'B' }] }]);
    expect(JSON.stringify(updates)).not.toContain('fundingIntervalHours');
  });

  it('reads new supplies at once, largest volume first, posts them soon, and reads them again after a day', async () => {
    supplies = new Map([['A', 2e7]]);
    await job.start();
    await pass(SECOND_MS);
    expect(asked).toEqual(['A', 'B']);
    await pass(MINUTE_MS);
    expect(updates.at(-1)).toMatchObject({
      symbols: [
        { symbol: 'A', circulatingSupply: 2e7, circulatingSupplyAt: expect.any(String) },
        { symbol: 'B', circulatingSupply: null, circulatingSupplyAt: expect.any(String) },
      ],
    });
    await pass(20 * MINUTE_MS);
    expect(asked).toHaveLength(2);
    clock.advance(DAY_MS);
    await pass(15 * MINUTE_MS);
    // Of two symbols one a run.
    expect(asked).toEqual(['A', 'B', 'A', 'B']);
  });

  it('reads no supply that the server has, and rests an hour after a failure', async () => {
    askedAt = new Date(clock.now() - HOUR_MS).toISOString();
    await job.start();
    await pass(30 * MINUTE_MS);
    expect(asked).toEqual(['A']);
    expect(job.status().state).toBe('up');
    await pass(45 * MINUTE_MS);
    expect(asked).toEqual(['A', 'A']);
  });

  it('reads at most twenty new supplies after a run', async () => {
    volumes = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`S${i}`, 5e6 + i]));
    await job.start();
    await pass(SECOND_MS);
    expect(asked).toHaveLength(20);
    expect(asked[0]).toBe('S49');
    await pass(5 * MINUTE_MS);
    expect(asked).toHaveLength(40);
  });

  it('posts nothing when the exchange lists no symbol', async () => {
    volumes = {};
    await expect(job.run()).rejects.toThrow('no symbol is liquid');
    expect(updates).toEqual([]);
  });

  it('runs at start and every five minutes, and soon after a failure', async () => {
    await job.start();
    await pass(SECOND_MS);
    expect(updates).toHaveLength(1);
    expect(changes).toBe(1);
    volumes = null;
    await pass(5 * MINUTE_MS);
    expect(job.status()).toMatchObject({ state: 'slow', note: 'the exchange is down' });
    volumes = { A: 5e6 };
    await pass(31 * SECOND_MS);
    expect(updates).toHaveLength(2);
    expect(job.status()).toMatchObject({ state: 'up', ok: 1 });
    await pass(5 * MINUTE_MS);
    expect(updates).toHaveLength(3);
  });

  it('reports a refusal by the server', async () => {
    reply = { outcome: 'refused', status: 409, reason: '409 universe_collapse: less than half' };
    await job.start();
    await pass(SECOND_MS);
    expect(job.status().note).toContain('universe_collapse');
  });

  it('runs soon on request, at most once a minute', async () => {
    await job.start();
    await pass(30 * SECOND_MS);
    for (let times = 0; times < 5; times += 1) job.runSoon();
    await pass(25 * SECOND_MS);
    expect(updates).toHaveLength(1);
    await pass(10 * SECOND_MS);
    expect(updates).toHaveLength(2);
  });

  it('retries soon when the run on request fails', async () => {
    await job.start();
    await pass(MINUTE_MS);
    volumes = null;
    job.runSoon();
    await pass(2 * SECOND_MS);
    expect(job.status()).toMatchObject({ state: 'slow', note: 'the exchange is down' });
    volumes = { A: 5e6 };
    await pass(31 * SECOND_MS);
    expect(updates).toHaveLength(2);
    expect(job.status().state).toBe('up');
  });
});
