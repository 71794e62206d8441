import { describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/kit/clock.ts';
import { ALERT_WINDOWS } from '../../../src/simulator/simulator.crossings.ts';
import { createEventSchedule, type PlannedEvent } from '../../../src/simulator/simulator.events.ts';
import { loadSymbolFacts } from '../../../src/simulator/simulator.facts.ts';
import { createMarket, type Market } from '../../../src/simulator/simulator.market.ts';

type AlertWindow = (typeof ALERT_WINDOWS)[number];

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

  it('is the whole truth: nothing else crosses a threshold, at any time of two hours', () => {
    const market = createMarket({ facts, seed: 12 });
    const [from, to] = [NOW + 5 * HOUR_MS, NOW + 7 * HOUR_MS];
    const events = market.eventsBetween(NOW, to);
    const isPlanned = (symbol: string, direction: string, { timeframe, windowMs }: AlertWindow, at: number) =>
      events.some(
        (event) =>
          event.symbol === symbol &&
          event.direction === direction &&
          // Once the window lies behind the peak, nothing of the move is left in it.
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

  it('is sized against the noise: a contract without an event keeps within 0.6 %, 1.3 % and 3.1 %', () => {
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

  it('tells a crossing at a fast pace, too: whatever a detector that looks often would see', () => {
    const market = createMarket({ facts, seed: 1, pace: 60 });
    const events = market.eventsBetween(NOW, NOW + MINUTE_MS).filter((it) => it.timeframe === '5 min');
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

  it('moves a contract by one event at a time, by turns up and down, even when few contracts take part', () => {
    const few = facts.filter((it) => ['LINKUSDT', 'AVAXUSDT', 'DOTUSDT', 'NEARUSDT'].includes(it.symbol));
    for (const contracts of [facts, few]) {
      const schedule = createEventSchedule({ facts: contracts, seed: 1 });
      const lastOf = new Map<string, PlannedEvent>();
      const events = schedule.eventsBetween(NOW, NOW + 2 * DAY_MS);
      expect(events.length).toBeGreaterThan(50);
      for (const event of events) {
        const last = lastOf.get(event.symbol);
        expect(event.startAt).toBeGreaterThanOrEqual(last?.endAt ?? 0);
        expect(event.direction).not.toBe(last?.direction);
        lastOf.set(event.symbol, event);
      }
    }
  });
});
