import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { PackedHour } from '../../../../src/openInterest/history/hourColumns.ts';
import { createHourReader, type ReadHours } from '../../../../src/openInterest/rules/hourReader.ts';
import { createPast } from '../../../../src/openInterest/rules/replayPast.ts';

const HOUR = 3_600_000;
const HOURS = Array.from({ length: 3_000 }, (_, i) => i * HOUR);

function pastOf(symbol: string) {
  const ranges = HOURS.map((hour) => ({ symbol, hour, low: 1, high: 1, samples: 1 }));
  return createPast(ranges, () => Promise.reject(new Error('this hour was not read ahead')));
}

function packed(symbol: string, hour: number): PackedHour {
  const one = Float64Array.of(1);
  const columns = { ts: Float64Array.of(hour), createdAt: one, openInterest: one };
  const prices = () => ({ openInterestUsd: [null], markPrice: [null], fundingRate: [null] });
  const key = { symbol, hour, source: 'realtime' as const };
  return { ...key, open: () => ({ ...key, ...columns, prices }) };
}

/** Symbols of one group and what each reads and uses, hour by hour. */
function startGroup(symbols: readonly string[], isHot: (hour: number) => boolean, readHours: ReadHours) {
  const walks = symbols.map((symbol) => ({ symbol, hours: HOURS, past: pastOf(symbol) }));
  const reaches = createHourReader({ readHours, isHot }).addGroup(walks);
  return walks.map(({ past }, i) => {
    const follow = past.follow();
    return async (hour: number) => {
      reaches[i]!(hour);
      return [...(await follow({ from: hour, to: hour + HOUR })).ts];
    };
  });
}

describe('the reader of hours', () => {
  it('reads cold hours once, in the order of their use, before they are used and some ahead', async () => {
    const asked: string[] = [];
    const symbols = ['AUSDT', 'BUSDT'];
    const uses = startGroup(
      symbols,
      () => false,
      (wanted) => {
        for (const { symbol, hour } of wanted) asked.push(`${symbol} ${hour / HOUR}`);
        return Promise.resolve(wanted.map(({ symbol, hour }) => packed(symbol, hour)));
      },
    );
    let used = 0;
    for (const use of uses) {
      for (const hour of HOURS) {
        expect(await use(hour)).toEqual([hour]);
        used += 1;
        expect(asked.length - used).toBeLessThanOrEqual(2_400);
      }
    }
    expect(asked).toEqual(symbols.flatMap((symbol) => HOURS.map((hour) => `${symbol} ${hour / HOUR}`)));
  });

  it('reads each hot hour once, four hours of all symbols that need them at a time', async () => {
    const asked: string[] = [];
    const isHot = (hour: number) => hour >= 2_990 * HOUR;
    const uses = startGroup(['AUSDT', 'BUSDT'], isHot, (wanted) => {
      if (isHot(wanted[0]!.hour))
        asked.push(wanted.map(({ symbol, hour }) => `${symbol} ${hour / HOUR}`).join());
      return Promise.resolve(wanted.map(({ symbol, hour }) => packed(symbol, hour)));
    });
    for (const use of uses) for (const hour of HOURS) expect(await use(hour)).toEqual([hour]);
    const hours = [
      [2_990, 2_991],
      [2_992, 2_993, 2_994, 2_995],
      [2_996, 2_997, 2_998, 2_999],
    ];
    const listed = (symbol: string, of: number[]) => of.map((hour) => `${symbol} ${hour}`);
    expect(asked).toEqual(hours.map((of) => [...listed('AUSDT', of), ...listed('BUSDT', of)].join()));
  });

  it('reads two parts at a time, cold ones first, and goes on after a failure', async () => {
    let running = 0;
    const parts: string[] = [];
    const isHot = (hour: number) => hour >= 2_990 * HOUR;
    const [use] = startGroup(['AUSDT'], isHot, async (wanted) => {
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      parts.push(isHot(wanted[0]!.hour) ? 'hot' : 'cold');
      await setImmediate();
      running -= 1;
      if (wanted[0]!.hour === 2_990 * HOUR) throw new Error('the database is away');
      return wanted.map(({ symbol, hour }) => packed(symbol, hour));
    });
    for (const hour of HOURS.slice(0, 2_990)) await use!(hour);
    // Hot hours were asked for first.
    expect(parts.slice(2, 6)).toEqual(['cold', 'cold', 'cold', 'cold']);
    await expect(use!(2_990 * HOUR)).rejects.toThrow('the database is away');
    expect(await use!(2_992 * HOUR)).toEqual([2_992 * HOUR]);
  });
});
