import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countBySymbol, listEvents, stepEvent } from '../../../src/dashboard/rules/replayEvents.ts';
import type { ReplayedFiring } from '../../../src/openInterest/rules/rules.types.ts';

/** A replay has at most one event of a symbol at a time. */
const anyReplay = fc
  .uniqueArray(
    fc.record({
      symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT'),
      firedAt: fc.nat({ max: 20 }),
      isHeldBack: fc.boolean(),
    }),
    { selector: (it) => `${it.symbol} ${it.firedAt}` },
  )
  .map((all) => {
    const firings = (isHeldBack: boolean) =>
      all.filter((it) => it.isHeldBack === isHeldBack) as unknown as ReplayedFiring[];
    return { firings: firings(false), heldBack: firings(true) };
  });

describe('the events of a replay', () => {
  it('are each listed once, the newest first, and counted by symbol', () => {
    fc.assert(
      fc.property(anyReplay, (replay) => {
        const events = listEvents(replay);
        expect(new Set(events.map((it) => it.id)).size).toBe(replay.firings.length + replay.heldBack.length);
        expect(events.filter((it) => it.isHeldBack)).toHaveLength(replay.heldBack.length);
        const times = events.map((it) => it.firedAt);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
        const counts = countBySymbol(events).map(([, count]) => count);
        expect(counts).toEqual(counts.toSorted((a, b) => b - a));
        expect(counts.reduce((sum, it) => sum + it, 0)).toBe(events.length);
      }),
    );
  });

  it('are all reached by stepping down, and again by stepping up', () => {
    fc.assert(
      fc.property(anyReplay, (replay) => {
        const events = listEvents(replay);
        const walk = (from: string | null, by: 1 | -1): string[] => {
          const seen: string[] = [];
          for (let at = from, i = 0; i < events.length; i++) {
            at = stepEvent(events, at, by)!.id;
            seen.push(at);
          }
          return seen;
        };
        const ids = events.map((it) => it.id);
        expect(walk(null, 1)).toEqual(ids);
        expect(walk(ids.at(-1) ?? null, -1)).toEqual([...ids.toReversed().slice(1), ...ids.slice(0, 1)]);
      }),
    );
  });

  it('have none where nothing fired', () => {
    expect(stepEvent([], null, 1)).toBeUndefined();
  });
});
