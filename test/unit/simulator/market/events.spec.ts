import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/kit/clock.ts';
import { ALERT_WINDOWS } from '../../../../src/simulator/market/crossings.ts';
import { createEventSchedule, type PlannedEvent } from '../../../../src/simulator/market/events.ts';
import { loadSymbolFacts } from '../../../../src/simulator/facts/facts.ts';
import { createMarket, type Market } from '../../../../src/simulator/market/market.ts';

type AlertWindow = (typeof ALERT_WINDOWS)[number];

const NOW = Date.UTC(2026, 10, 20, 14);
const facts = loadSymbolFacts(NOW);
const windowOf = (timeframe: string) => ALERT_WINDOWS.find((it) => it.timeframe === timeframe)!;

function changeOver(market: Market, symbol: string, at: number, windowMs: number): number {
  return market.openInterestAt(symbol, at) / market.openInterestAt(symbol, at - windowMs) - 1;
}

function groupedBy(events: readonly PlannedEvent[], key: 'symbol' | 'timeframe'): PlannedEvent[][] {
  const names = [...new Set(events.map((it) => it[key]))];
  return names.map((name) => events.filter((it) => it[key] === name));
}

describe('schedule of spikes and dumps', () => {
  it.each([1, 40_000])('crosses the window of every event, sampled every 15 seconds (seed %i)', (seed) => {
    const market = createMarket({ facts, seed });
    const events = market.eventsBetween(NOW, NOW + 8 * HOUR_MS);
    const missed = events.filter((event) => {
      const { windowMs, threshold } = windowOf(event.timeframe);
      for (let at = event.startAt; at <= event.holdUntil; at += 15_000) {
        const change = changeOver(market, event.symbol, at, windowMs);
        if (event.direction === 'UP' ? change >= threshold : change <= -threshold) return false;
      }
      return true;
    });
    expect(events.length).toBeGreaterThan(150);
    expect(missed).toEqual([]);
  });

  it('has the first time of each crossing', () => {
    const market = createMarket({ facts, seed: 11 });
    for (const event of market.eventsBetween(NOW, NOW + HOUR_MS)) {
      expect(event.crossings.map((it) => it.timeframe)).toContain(event.timeframe);
      for (const { timeframe, at } of event.crossings) {
        const { windowMs, threshold } = windowOf(timeframe);
        const [now, before] = [at, at - 1].map((it) =>
          Math.abs(changeOver(market, event.symbol, it, windowMs)),
        );
        expect(now).toBeGreaterThanOrEqual(threshold);
        expect(before).toBeLessThan(threshold);
      }
    }
  });

  it('is complete: nothing else crosses a threshold at any time in an hour', () => {
    const market = createMarket({ facts, seed: 12 });
    const [from, to] = [NOW + 5 * HOUR_MS, NOW + 6 * HOUR_MS];
    const events = market.eventsBetween(NOW, to);
    const isPlanned = (symbol: string, direction: string, { timeframe, windowMs }: AlertWindow, at: number) =>
      events.some(
        (event) =>
          event.symbol === symbol &&
          event.direction === direction &&
          // A window that starts after the peak contains nothing of the move.
          at <= event.peakAt + windowMs &&
          event.crossings.some((crossing) => crossing.timeframe === timeframe && crossing.at <= at),
      );
    const surprises: string[] = [];
    for (const { symbol, status } of facts) {
      if (status !== 'TRADING') continue;
      for (let at = from; at < to; at += MINUTE_MS) {
        for (const window of ALERT_WINDOWS) {
          const change = changeOver(market, symbol, at, window.windowMs);
          if (Math.abs(change) < window.threshold) continue;
          const direction = change > 0 ? 'UP' : 'DOWN';
          if (!isPlanned(symbol, direction, window, at))
            surprises.push(`${symbol} ${window.timeframe} ${at}`);
        }
      }
    }
    expect(surprises).toEqual([]);
  });

  it('is sized against the noise: a contract without an event stays within 0.6 %, 1.3 % and 3.1 %', () => {
    const market = createMarket({ facts, seed: 13 });
    const quiet = facts.filter((it) => it.contractType === 'TRADIFI_PERPETUAL');
    const largest = ALERT_WINDOWS.map(({ windowMs }) =>
      Math.max(
        ...quiet.map(({ symbol }) =>
          Math.max(
            ...Array.from({ length: 300 }, (_, index) =>
              Math.abs(changeOver(market, symbol, NOW + index * 7 * MINUTE_MS, windowMs)),
            ),
          ),
        ),
      ),
    );
    expect(largest[0]).toBeLessThan(0.006);
    expect(largest[1]).toBeLessThan(0.013);
    expect(largest[2]).toBeLessThan(0.031);
  });

  it('has a spike and a dump within two minutes of any start', () => {
    const market = createMarket({ facts, seed: 1 });
    const schedule = createEventSchedule({ facts, seed: 1 });
    for (let start = NOW; start < NOW + DAY_MS; start += 13 * MINUTE_MS) {
      const events = schedule.eventsBetween(start - HOUR_MS, start + 2 * MINUTE_MS);
      const directions = new Set<string>();
      for (let at = start; at <= start + 2 * MINUTE_MS && directions.size < 2; at += 10_000) {
        for (const { symbol } of events) {
          for (const { windowMs, threshold } of ALERT_WINDOWS) {
            const change = changeOver(market, symbol, at, windowMs);
            if (Math.abs(change) >= threshold) directions.add(change > 0 ? 'UP' : 'DOWN');
          }
        }
      }
      expect([start, directions.size]).toEqual([start, 2]);
    }
  });

  it('crosses a limited number of thresholds in any ten minutes, in both directions in any twenty', () => {
    const end = NOW + 6 * HOUR_MS;
    const crossings = createMarket({ facts, seed: 2 })
      .eventsBetween(NOW - HOUR_MS, end)
      .flatMap((event) => event.crossings.map(({ at }) => ({ at, direction: event.direction })));
    for (let from = NOW; from < end - 20 * MINUTE_MS; from += MINUTE_MS) {
      const within = (ms: number) => crossings.filter(({ at }) => at >= from && at < from + ms);
      expect(within(10 * MINUTE_MS).length).toBeGreaterThanOrEqual(2);
      expect(within(10 * MINUTE_MS).length).toBeLessThanOrEqual(12);
      expect(new Set(within(20 * MINUTE_MS).map((it) => it.direction)).size).toBe(2);
    }
  });

  it('returns to a contract at irregular times and durations', () => {
    const days = 20;
    const events = createEventSchedule({ facts, seed: 1 }).eventsBetween(NOW, NOW + days * DAY_MS);
    const bySymbol = groupedBy(events, 'symbol');
    expect(bySymbol.length).toBeGreaterThan(230);
    const spread = (values: readonly number[]) => Math.max(...values) / Math.min(...values);
    for (const own of bySymbol) {
      const starts = own.map((it) => it.startAt);
      expect(own.length / days).toBeLessThan(3);
      expect(spread(starts.slice(1).map((at, index) => at - starts[index]!))).toBeGreaterThan(1.5);
      expect(spread(own.map((it) => it.endAt - it.holdUntil))).toBeGreaterThan(1.5);
    }
  });

  it('fades so slowly that no window sees a move in the opposite direction, even with noise', () => {
    const schedule = createEventSchedule({ facts, seed: 1 });
    const noise = [0.006, 0.013, 0.031];
    const events = schedule.eventsBetween(NOW, NOW + 5 * DAY_MS);
    for (const own of groupedBy(events, 'symbol')) {
      for (const [index, event] of own.entries()) {
        for (const [window, { windowMs, threshold }] of ALERT_WINDOWS.entries()) {
          const at = event.holdUntil + windowMs;
          if ((own[index + 1]?.startAt ?? Infinity) < at) continue;
          const [before, now] = [event.holdUntil, at].map((it) => schedule.factorsAt(event.symbol, it));
          const change = now!.openInterest / before!.openInterest - 1;
          expect(Math.abs(change)).toBeLessThan(threshold - noise[window]!);
        }
      }
    }
  });

  it('is the same however the time is divided', () => {
    const schedule = createEventSchedule({ facts, seed: 1 });
    const pieces = Array.from({ length: 720 }, (_, index) =>
      schedule.eventsBetween(NOW + index * 10_000, NOW + (index + 1) * 10_000),
    );
    expect(pieces.flat()).toEqual(schedule.eventsBetween(NOW, NOW + 2 * HOUR_MS));
    expect(pieces.flat().length).toBeGreaterThan(40);
  });

  it('uses the contracts in another order each time', () => {
    const events = createEventSchedule({ facts, seed: 1 }).eventsBetween(NOW, NOW + 20 * DAY_MS);
    const followers = new Map<string, Set<string>>();
    for (const wave of groupedBy(events, 'timeframe')) {
      for (const [index, event] of wave.slice(1).entries()) {
        const seen = followers.get(wave[index]!.symbol) ?? new Set();
        followers.set(wave[index]!.symbol, seen.add(event.symbol));
      }
    }
    for (const seen of followers.values()) expect(seen.size).toBeGreaterThan(10);
  });

  it('moves at least a million dollars at the crossing, so that no detector’s floor hides it', () => {
    const market = createMarket({ facts, seed: 1 });
    const moved = market.eventsBetween(NOW, NOW + 8 * HOUR_MS).map((event) => {
      const crossing = event.crossings.find((it) => it.timeframe === event.timeframe)!;
      const { windowMs } = windowOf(event.timeframe);
      const contracts =
        market.openInterestAt(event.symbol, crossing.at) -
        market.openInterestAt(event.symbol, crossing.at - windowMs);
      return Math.abs(contracts) * market.markPriceAt(event.symbol, crossing.at);
    });
    expect(moved.length).toBeGreaterThan(150);
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(1e6);
  });

  it('contains every crossing that a frequent detector sees at a fast pace', () => {
    const market = createMarket({ facts, seed: 1, pace: 60 });
    const events = market.eventsBetween(NOW, NOW + 5 * MINUTE_MS).filter((it) => it.timeframe === '5 min');
    expect(events.length).toBeGreaterThan(30);
    for (const event of events) {
      const { windowMs, threshold } = windowOf('5 min');
      let seen = false;
      for (let at = event.startAt; at <= event.holdUntil; at += 20) {
        const before = market.openInterestAt(event.symbol, at - windowMs);
        const change = market.openInterestAt(event.symbol, at) / before - 1;
        seen ||= event.direction === 'UP' ? change >= threshold : change <= -threshold;
      }
      expect([event.symbol, event.crossings.some((it) => it.timeframe === '5 min')]).toEqual([
        event.symbol,
        seen,
      ]);
    }
  });

  it('moves a contract by one event at a time, alternately up and down, and returns with the next but one, even among few', () => {
    const few = facts.filter((it) => ['LINKUSDT', 'AVAXUSDT', 'DOTUSDT', 'NEARUSDT'].includes(it.symbol));
    for (const contracts of [facts, few]) {
      const schedule = createEventSchedule({ facts: contracts, seed: 1 });
      const events = schedule.eventsBetween(NOW, NOW + 20 * DAY_MS);
      expect(events.length).toBeGreaterThan(400);
      for (const own of groupedBy(events, 'symbol')) {
        for (const [index, event] of own.entries()) {
          const [before, last]: (PlannedEvent | undefined)[] = [own[index - 2], own[index - 1]];
          expect(event.startAt).toBeGreaterThanOrEqual(last?.holdUntil ?? 0);
          expect(event.startAt).toBeGreaterThanOrEqual(before?.endAt ?? 0);
          expect(event.direction).not.toBe(last?.direction);
        }
      }
    }
  });
});
