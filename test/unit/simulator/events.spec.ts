import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/kit/clock.ts';
import { ALERT_WINDOWS } from '../../../src/simulator/simulator.crossings.ts';
import { createEventSchedule } from '../../../src/simulator/simulator.events.ts';
import { loadSymbolFacts } from '../../../src/simulator/simulator.facts.ts';
import { createMarket, type Market } from '../../../src/simulator/simulator.market.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const facts = loadSymbolFacts(NOW);
const windowOf = (timeframe: string) => ALERT_WINDOWS.find((it) => it.timeframe === timeframe)!;

function changeOver(market: Market, symbol: string, at: number, windowMs: number): number {
  return market.openInterestAt(symbol, at) / market.openInterestAt(symbol, at - windowMs) - 1;
}

describe('the schedule of spikes and dumps', () => {
  it.each([1, 2, 3, 40_000])('crosses the window of every event, seen every 15 seconds (seed %i)', (seed) => {
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
    expect(events.length).toBeGreaterThan(8 * 60);
    expect(missed).toEqual([]);
  });

  it('tells the first moment of each crossing', () => {
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

  it('is the whole truth: nothing else crosses a threshold', () => {
    const market = createMarket({ facts, seed: 12 });
    const from = NOW + 5 * HOUR_MS;
    const known = new Set(
      market
        .eventsBetween(NOW, from + 2 * HOUR_MS)
        .flatMap((event) =>
          event.crossings.map((it) => `${event.symbol} ${event.direction} ${it.timeframe}`),
        ),
    );
    const surprises = new Set<string>();
    for (const { symbol, status } of facts) {
      if (status !== 'TRADING') continue;
      for (let at = from; at < from + 2 * HOUR_MS; at += MINUTE_MS) {
        for (const { timeframe, windowMs, threshold } of ALERT_WINDOWS) {
          const change = changeOver(market, symbol, at, windowMs);
          const name = `${symbol} ${change > 0 ? 'UP' : 'DOWN'} ${timeframe}`;
          if (Math.abs(change) >= threshold && !known.has(name)) surprises.add(name);
        }
      }
    }
    expect([...surprises]).toEqual([]);
  });

  it('brings a spike and a dump over the 5-minute window within any two and a half minutes', () => {
    const schedule = createEventSchedule({ facts, seed: 1 });
    for (let at = NOW; at < NOW + 6 * HOUR_MS; at += 17_000) {
      const events = schedule
        .eventsBetween(at, at + 2.5 * MINUTE_MS)
        .filter((event) => event.timeframe === '5 min');
      expect(new Set(events.map((event) => event.direction))).toEqual(new Set(['UP', 'DOWN']));
    }
  });

  it('moves at least a million dollars at the crossing, so that no detector’s floor hides it', () => {
    const market = createMarket({ facts, seed: 1 });
    const moved = market.eventsBetween(NOW, NOW + DAY_MS).map((event) => {
      const crossing = event.crossings.find((it) => it.timeframe === event.timeframe)!;
      const { windowMs } = windowOf(event.timeframe);
      const contracts =
        market.openInterestAt(event.symbol, crossing.at) -
        market.openInterestAt(event.symbol, crossing.at - windowMs);
      return Math.abs(contracts) * market.markPriceAt(event.symbol, crossing.at);
    });
    expect(moved.length).toBeGreaterThan(1_000);
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(1e6);
  });

  it('never lets two events move one contract at a time, even when few contracts take part', () => {
    const few = facts.filter((it) => ['LINKUSDT', 'AVAXUSDT', 'DOTUSDT', 'NEARUSDT'].includes(it.symbol));
    for (const contracts of [facts, few]) {
      const schedule = createEventSchedule({ facts: contracts, seed: 1 });
      const endOf = new Map<string, number>();
      const events = schedule.eventsBetween(NOW, NOW + 2 * DAY_MS);
      expect(events.length).toBeGreaterThan(50);
      for (const event of events) {
        expect(event.startAt).toBeGreaterThanOrEqual(endOf.get(event.symbol) ?? 0);
        endOf.set(event.symbol, event.endAt);
      }
    }
  });
});
