import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kit/clock.ts';
import { createWatch } from '../src/collector/alerts/watch.ts';
import { parseCollectorConfig } from '../src/collector/config.ts';
import { createAttention } from '../src/collector/poller/attention.ts';
import { attentionSchedule } from '../src/collector/poller/schedules.ts';
import { evenSchedule } from '../src/collector/poller/schedules.ts';
import type { SchedulePolicy } from '../src/collector/poller/schedules.ts';
import { createTurns } from '../src/collector/poller/turns.ts';
import { computePollIntervalSec } from '../src/openInterest/universe/pollInterval.shared.ts';
import { loadSymbolFacts } from '../src/simulator/facts/facts.ts';
import { createMarket, type Market } from '../src/simulator/market/market.ts';

/**
 * Is the budget better spent evenly or by attention? Both policies poll the same simulated market with the same number of
 * requests; the market's own schedule of spikes and dumps is the truth. No HTTP, no waiting: a day in a few minutes.
 *
 *     npm run bench:attention -- [hours=6] [seed=1]
 */
const HOURS = Number(process.argv[2] ?? 6);
const SEED = Number(process.argv[3] ?? 1);
const SYMBOLS = 343;
const REQUESTS_PER_MIN = 2_000;
const MIN_INTERVAL_SEC = 5;
/** From the request to the reading, and from there to the board. */
const ANSWER_MS = 100;
const TO_BOARD_MS = 350;
const REPLAN_MS = SECOND_MS;
/** A base that is a little older than the window may show a crossing a little before it happens. */
const EARLY_MS = 30 * SECOND_MS;
const LOOK_AT_BOARD_MS = 2 * SECOND_MS;

const start = Date.UTC(2026, 10, 20, 14, 0, 0);
const settings = parseCollectorConfig({}, { posts: false }).alerts;
const { rules, ...floor } = settings;
const facts = loadSymbolFacts(start);
const symbols = facts
  .filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING')
  .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
  .slice(0, SYMBOLS)
  .map((it) => it.symbol);

/** The first hour fills the rings; what happens in it is not judged. */
const judgedFrom = start + HOUR_MS + 5 * MINUTE_MS;
const end = start + HOUR_MS + HOURS * HOUR_MS;

type Crossing = { key: string; timeframe: string; at: number; until: number };
type Result = {
  requests: number;
  /** By crossing: when a reading that shows it was here. */
  seenAt: Map<string, number>;
  alerts: number;
  boardErrorPpm: number;
  meanAgeMs: number;
  weightedAgeMs: number;
  longestWaitMs: number;
};

function run(market: Market, policy: SchedulePolicy, crossings: readonly Crossing[]): Result {
  const watch = createWatch({ rules, floor });
  const attention = createAttention({ proximityOf: watch.proximityOf });
  const turns = createTurns();
  const board = new Map<string, { ts: number; openInterest: number }>();
  const askedAt = new Map<string, number>();
  const inFlight: { at: number; do: () => void }[] = [];
  const seenAt = new Map<string, number>();
  const evenIntervalMs =
    computePollIntervalSec(SYMBOLS, {
      requestsPerMin: REQUESTS_PER_MIN,
      minSec: MIN_INTERVAL_SEC,
      maxSec: 20,
    }) * SECOND_MS;
  const error = { sum: 0, looks: 0, age: 0, weightedAge: 0 };
  let requests = 0;
  let alerts = 0;
  let longestWaitMs = 0;
  let replanAt = start;
  let lookAt = judgedFrom;

  function receive(symbol: string, asked: number): void {
    turns.done(symbol);
    const { openInterest, time } = market.openInterestFigureAt(symbol, asked + ANSWER_MS / 2);
    const markPrice = market.markPriceAt(symbol, asked);
    attention.observe(symbol, { ts: time, openInterestUsd: openInterest * markPrice });
    const now = asked + ANSWER_MS;
    for (const { alert, rule } of watch.observe(symbol, { ts: time, openInterest, markPrice })) {
      if (!alert || now < judgedFrom) continue;
      alerts += 1;
      const key = `${symbol}|${alert.direction}|${rule.timeframe}`;
      const crossing = crossings.find((it) => it.key === key && it.at - EARLY_MS <= now && now <= it.until);
      if (crossing && !seenAt.has(`${key}|${crossing.at}`)) seenAt.set(`${key}|${crossing.at}`, now);
    }
    inFlight.push({ at: now + TO_BOARD_MS, do: () => board.set(symbol, { ts: time, openInterest }) });
  }

  function look(now: number): void {
    let wrong = 0;
    let whole = 0;
    let age = 0;
    let weightedAge = 0;
    for (const symbol of symbols) {
      const shown = board.get(symbol)!;
      const price = market.markPriceAt(symbol, now);
      const truth = market.openInterestAt(symbol, now);
      wrong += Math.abs(shown.openInterest - truth) * price;
      whole += truth * price;
      age += now - shown.ts;
      weightedAge += (now - shown.ts) * truth * price;
    }
    error.sum += wrong / whole;
    error.age += age / symbols.length;
    error.weightedAge += weightedAge / whole;
    error.looks += 1;
  }

  for (let now = start; now < end;) {
    if (now >= replanAt) {
      const intervals = policy({
        symbols,
        evenIntervalMs,
        minIntervalMs: MIN_INTERVAL_SEC * SECOND_MS,
        attentionOf: attention.of,
      });
      turns.setIntervals(intervals, now);
      replanAt = now + REPLAN_MS;
    }
    for (let next = inFlight[0]; next && next.at <= now; next = inFlight[0]) {
      inFlight.shift();
      next.do();
    }
    const symbol = turns.next(now);
    if (symbol !== null) {
      requests += 1;
      if (now > judgedFrom) longestWaitMs = Math.max(longestWaitMs, now - (askedAt.get(symbol) ?? now));
      askedAt.set(symbol, now);
      const asked = now;
      insert(inFlight, { at: asked + ANSWER_MS, do: () => receive(symbol, asked) });
    }
    if (now >= lookAt) {
      look(now);
      lookAt += LOOK_AT_BOARD_MS;
    }
    now = Math.min(Math.max(turns.nextAt(now), now + 1), replanAt, inFlight[0]?.at ?? Infinity, lookAt);
    now = Math.ceil(now);
  }
  return {
    requests,
    seenAt,
    alerts,
    boardErrorPpm: (error.sum / error.looks) * 1e6,
    meanAgeMs: error.age / error.looks,
    weightedAgeMs: error.weightedAge / error.looks,
    longestWaitMs,
  };
}

function insert(queue: { at: number; do: () => void }[], item: { at: number; do: () => void }): void {
  const index = queue.findLastIndex((it) => it.at <= item.at);
  queue.splice(index + 1, 0, item);
}

/** What a perfect detector would tell: crossings of contracts that are polled, as large as the floor demands. */
function selectCrossings(market: Market): Crossing[] {
  const polled = new Set(symbols);
  return market
    .eventsBetween(start - 3 * HOUR_MS, end)
    .filter((it) => polled.has(it.symbol))
    .flatMap((event) =>
      event.crossings
        .filter(({ timeframe, at }) => {
          const { lookbackMs } = rules.find((rule) => rule.timeframe === timeframe)!;
          const before = market.openInterestAt(event.symbol, at - lookbackMs);
          const change = Math.abs(market.openInterestAt(event.symbol, at) - before);
          const isLargeEnough = change * market.markPriceAt(event.symbol, at) >= floor.minDeltaUsd * 1.05;
          return isLargeEnough && at >= judgedFrom && at < end - MINUTE_MS;
        })
        .map(({ timeframe, at }) => ({
          key: `${event.symbol}|${event.direction}|${timeframe}`,
          timeframe,
          at,
          until: event.holdUntil + 5 * MINUTE_MS,
        })),
    );
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

const mean = (values: readonly number[]) => values.reduce((sum, it) => sum + it, 0) / values.length;
const sec = (ms: number) => `${(ms / SECOND_MS).toFixed(2)} s`;

const market = createMarket({ facts, seed: SEED });
const crossings = selectCrossings(market);
const idOf = (it: Crossing) => `${it.key}|${it.at}`;
const results = (
  [
    ['even', evenSchedule],
    ['attention', attentionSchedule],
  ] as const
).map(([name, policy]) => ({ name, ...run(market, policy, crossings) }));

console.log(
  `${SYMBOLS} symbols, ${REQUESTS_PER_MIN} requests a minute, ${HOURS} h judged after 1 h of filling, seed ${SEED}, ` +
    `${crossings.length} threshold crossings`,
);
for (const it of results) {
  const delays = crossings.flatMap((crossing) => {
    const at = it.seenAt.get(idOf(crossing));
    return at === undefined ? [] : [at - crossing.at];
  });
  console.log(
    [
      it.name.padEnd(10),
      `${it.requests} requests (${(it.requests / ((end - start) / MINUTE_MS)).toFixed(0)} a minute)`,
      `seen ${delays.length} of ${crossings.length} crossings, ${it.alerts} alerts`,
      `delay mean ${sec(mean(delays))} p50 ${sec(quantile(delays, 0.5))} p95 ${sec(quantile(delays, 0.95))}`,
      `board error ${it.boardErrorPpm.toFixed(1)} ppm of ${SYMBOLS} symbols' USD`,
      `age mean ${sec(it.meanAgeMs)}, OI-weighted ${sec(it.weightedAgeMs)}`,
      `longest wait ${sec(it.longestWaitMs)}`,
    ].join(' · '),
  );
}
const [even, attention] = results;
for (const timeframe of ['5 min', '15 min', '1 hour', 'all']) {
  const earlier = crossings.flatMap((crossing) => {
    if (timeframe !== 'all' && crossing.timeframe !== timeframe) return [];
    const a = even!.seenAt.get(idOf(crossing));
    const b = attention!.seenAt.get(idOf(crossing));
    return a === undefined || b === undefined ? [] : [a - b];
  });
  console.log(
    `${timeframe.padEnd(7)} attention sees a spike ${sec(mean(earlier))} earlier on average ` +
      `(p5 ${sec(quantile(earlier, 0.05))}, p50 ${sec(quantile(earlier, 0.5))}, p95 ${sec(quantile(earlier, 0.95))}; ` +
      `${earlier.filter((it) => it > 0).length} of ${earlier.length} earlier, ${earlier.filter((it) => it < 0).length} later)`,
  );
}
