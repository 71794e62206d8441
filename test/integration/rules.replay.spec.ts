import { describe, expect, it } from '@jest/globals';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import { streamSamples } from '../../src/openInterest/history/tiers.ts';
import { readUsualPast } from '../../src/openInterest/history/usual.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { createReplays } from '../../src/openInterest/rules/replays.ts';
import { createSymbolReplay } from '../../src/openInterest/rules/replaySymbol.ts';
import {
  type ReplayLine,
  type AlertRule,
  type AlertRuleInput,
  type ReplayedFiring,
} from '../../src/openInterest/rules/rules.types.ts';
import { createUniverse } from '../../src/openInterest/universe/universe.ts';
import { aRule } from '../support/alertRules.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { bearer, readRefusal, readRows } from '../support/openInterestCalls.ts';
import {
  byTime,
  listFirings,
  postValues,
  replayedOf,
  replayRule,
  storeRule,
  untilEvaluated,
} from '../support/ruleServer.ts';
import { createSeededRandom } from '../support/seededRandom.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer } from '../support/withServer.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clock = createJumpClock();
const { server, database } = withServer({ clock });
const as = (sub: string) => bearer(server, 'pro', { sub });

const RULES: readonly AlertRuleInput[] = [
  aRule({ name: '5m', thresholdPct: 3, cooldownMin: 0 }),
  aRule({ name: '5m up', thresholdPct: 2, direction: 'up', cooldownMin: 10, rearmShare: 0.8 }),
  aRule({ name: '15m', window: '15m', thresholdPct: 4, escalationPct: 20 }),
  aRule({ name: '30m', window: '30m', thresholdPct: 5, direction: 'down', cooldownMin: 5 }),
  aRule({
    name: '1h',
    window: '1h',
    thresholdPct: 6,
    leastUsd: 700,
    readings: ['new_longs', 'building', 'new_shorts'],
  }),
  aRule({ name: 'price', thresholdPct: 2, price: { kind: 'flat', withinPct: 0.5 }, cooldownMin: 1 }),
  aRule({ name: 'unusual', thresholdPct: 2, leastUnusual: 8, cooldownMin: 0 }),
];

const SYMBOLS = Array.from({ length: 8 }, (_, i) => `M${i}USDT`);

/**
 * A day and more before the market, so that its usual changes are 0, 99 and 10 basis points an hour, whatever an hour more or
 * less adds. None of it is a base of any window.
 */
async function storeUsualHours(before: number): Promise<void> {
  const lastHour = Math.floor(before / HOUR) * HOUR - 2 * HOUR;
  await makeDays(database.db, [lastHour - 2 * DAY, lastHour - DAY, lastHour]);
  const samples = SYMBOLS.flatMap((symbol) =>
    Array.from({ length: 28 }, (_, i): Sample => {
      const isUp = i % 3 === 2;
      const [openInterest, markPrice] = [isUp ? 1_010 : 1_000, isUp ? 10.01 : 10];
      return {
        ...{ symbol, ts: lastHour - i * HOUR - MINUTE, source: 'backfill', openInterest, markPrice },
        ...{ openInterestUsd: openInterest * markPrice, fundingRate: 0 },
      };
    }),
  );
  await insertSamples(database.db, samples);
}

/** A market of eight symbols that drift, jump now and then, double or vanish for one sample, or miss a poll. */
function createMarket(seed: number) {
  const random = createSeededRandom(seed);
  const symbols = SYMBOLS.map((symbol) => ({ symbol, openInterest: 1_000, markPrice: 10 }));
  return () =>
    symbols.flatMap((it) => {
      const jump = random() < 0.02 ? (random() - 0.45) * 0.16 : 0;
      it.openInterest *= 1 + (random() - 0.5) * 0.006 + jump;
      it.markPrice *= 1 + (random() - 0.5) * 0.004;
      const dice = random();
      if (dice < 0.05) return [];
      const odd = dice < 0.055 ? 0 : dice < 0.06 ? 2 : 1;
      return [{ ...it, openInterest: it.openInterest * odd }];
    });
}

describe('a replay', () => {
  it('fires what was fired live, firing by firing, with the same evidence', async () => {
    await storeUsualHours(clock.now());
    await postValues(
      { server, clock },
      SYMBOLS.map((symbol) => ({ symbol, openInterest: 1_000 })),
    );
    await waitFor('the usual changes', async () => {
      clock.jump(20_000);
      const rows = [...(await readRows(server)).values()];
      return rows.every((it) => String(it.usual) === '0,99,10');
    });
    const stored: AlertRule[] = [];
    for (const rule of RULES) stored.push(await storeRule(server, rule, 'ada'));
    await untilEvaluated({ server, clock, database });
    const from = clock.now();
    const poll = createMarket(7);
    for (let round = 0; round < 200; round += 1) {
      await postValues({ server, clock }, poll());
      clock.jump(20_000);
    }
    const to = clock.now();
    // The last firing comes after all of the market.
    await postValues({ server, clock }, [{ symbol: 'LASTUSDT', openInterest: 100 }]);
    clock.jump(5 * MINUTE);
    await postValues({ server, clock }, [{ symbol: 'LASTUSDT', openInterest: 150 }]);
    await waitFor('the last firing', async () =>
      (await listFirings(server, 'ada')).some((it) => it.symbol === 'LASTUSDT'),
    );

    const live = (await listFirings(server, 'ada')).filter((it) => it.symbol !== 'LASTUSDT');
    expect(live.length).toBeLessThan(190);
    for (const { id, rule } of stored) {
      const lines = await replayRule(server, { rule, from, to }, 'ada');
      const replayed = lines.flatMap((it) => (it.type === 'firing' ? it.firing : []));
      const fired = live.filter((it) => it.ruleId === id).map(replayedOf);
      expect([rule.name, replayed.toSorted(byTime)]).toEqual([rule.name, fired.toSorted(byTime)]);
      expect([rule.name, fired.length > 0]).toEqual([rule.name, true]);
      const summary = lines.at(-1)!;
      expect(summary).toMatchObject({
        type: 'summary',
        firings: fired.length,
        listed: fired.length,
        symbols: new Set(fired.map((it) => it.symbol)).size,
      });
      expect(lines[0]).toEqual({ type: 'progress', done: 0, of: expect.any(Number), firings: 0 });
    }
  });

  it('over rows and hour blocks fires what an evaluation of every sample fires, and reads only hours that matter', async () => {
    // One is polled evenly, one is often late.
    const symbols = ['T0USDT', 'T1USDT'];
    const to = Math.floor(Date.now() / HOUR) * HOUR;
    const from = to - 60 * HOUR;
    const random = createSeededRandom(11);
    await makeDays(database.db, [from - DAY, from, from + DAY, from + 2 * DAY, to]);
    for (const symbol of symbols) {
      const samples: Sample[] = [];
      let openInterest = 1_000;
      for (let ts = from - 2 * HOUR; ts < to; ts += 30_000) {
        const jump = random() < 0.001 ? (random() - 0.5) * 0.14 : 0;
        openInterest *= 1 + (random() - 0.5) * 0.0008 + jump;
        if (symbol === 'T1USDT' && random() < 0.02) continue;
        const odd = random() < 0.0005 ? 2 : 1;
        samples.push({
          ...{
            symbol,
            ts,
            source: 'realtime',
            openInterest: openInterest * odd,
            markPrice: 10,
            fundingRate: 0,
          },
          openInterestUsd: openInterest * odd * 10,
        });
      }
      await insertSamples(database.db, samples);
    }
    // As a live feed stores them: some too late to fire, some after the end of their hour.
    await database.pool.query(
      `update open_interest_snapshots set created_at = ts + interval '2 seconds'
         + case when symbol = 'T1USDT' and hashtext(ts::text) % 25 = 0 then interval '70 seconds' else interval '0' end
       where symbol = any($1::text[])`,
      [symbols],
    );
    await compactDays({ db: database.db, signal: new AbortController().signal }, to - DAY);
    const replays = createReplays({ db: database.db, url: database.url, universe: createUniverse() });
    for (const window of ['5m', '30m', '1h', '4h'] as const) {
      const rule = aRule({ symbols, window, thresholdPct: 4, cooldownMin: 10 });
      const lines: ReplayLine[] = [];
      for await (const line of replays.run('ada', { rule, from, to })) lines.push(line);
      const every: ReplayedFiring[] = [];
      const heldBack: ReplayedFiring[] = [];
      for (const symbol of symbols) {
        const usualAt = (await readUsualPast(database.db, { symbols: [symbol], from, to })).get(symbol)!;
        const one = createSymbolReplay({ rule, symbol, from, volume24h: null, usualAt, methodChanges: [] });
        for await (const read of streamSamples(database.db, { symbol, from: from - 6 * HOUR, to })) {
          every.push(...one.meetUntil(read, Math.min(to, read.at(-1)!.ts + 1)));
        }
        every.push(...one.meetUntil([], to));
        heldBack.push(...one.heldBack);
        expect(one.heldBack).toHaveLength(one.counts.heldBack);
      }
      const replayed = lines.flatMap((it) => (it.type === 'firing' ? it.firing : []));
      expect([window, replayed]).toEqual([window, every]);
      expect(lines.flatMap((it) => (it.type === 'heldBack' ? it.crossing : []))).toEqual(heldBack);
      const summary = lines.at(-1) as Extract<ReplayLine, { type: 'summary' }>;
      expect(every.length).toBeGreaterThan(3);
      // The first day has too little history.
      expect(new Set(every.map((it) => it.evidence.unusual === null))).toEqual(new Set([true, false]));
      expect(summary).toMatchObject({ firings: every.length, heldBack: heldBack.length });
      if (window === '5m') expect(summary.skipped).toBeGreaterThan(summary.evaluated);
    }
  });

  it('is limited to one at a time a user, and ends with its reader', async () => {
    const replays = createReplays({ db: database.db, url: database.url, universe: createUniverse() });
    const query = { rule: aRule({ symbols: ['M0USDT'] }), from: clock.now() - 60 * MINUTE, to: clock.now() };
    const first = replays.run('ada', query);
    await first.next();
    await expect(replays.run('ada', query).next()).rejects.toMatchObject({
      status: 409,
      code: 'replay_running',
      message: expect.stringContaining('close its connection'),
    });
    const second = replays.run('eve', query);
    await second.next();
    await expect(replays.run('bob', query).next()).rejects.toMatchObject({ status: 503 });
    await first.return(undefined);
    const again = replays.run('ada', query);
    await again.next();
    await again.return(undefined);
    await second.return(undefined);
  });

  it.each([
    [{ from: 2, to: 1 }, 'to'],
    [{ from: 0, to: 32 * 24 * 60 * MINUTE }, 'to'],
    [{ from: 'yesterday', to: 1 }, 'from'],
  ])('over %j is refused', async (range, path) => {
    const response = await server.post(
      '/api/alert-rules/replay',
      { rule: aRule(), ...range },
      await as('ada'),
    );
    expect(await readRefusal(response)).toMatchObject({ status: 400, details: [{ path }] });
  });
});
