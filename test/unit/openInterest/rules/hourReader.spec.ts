import { describe, expect, it } from '@jest/globals';
import type { PackedHour } from '../../../../src/openInterest/history/hourColumns.ts';
import { createHourReader, createTurns } from '../../../../src/openInterest/rules/hourReader.ts';
import { createPast } from '../../../../src/openInterest/rules/replayPast.ts';

const HOUR = 3_600_000;
const HOURS = Array.from({ length: 400 }, (_, i) => i * HOUR);

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

describe('the reader of hours', () => {
  it('reads each hour once, in the order of use, before it is used and a few hundred ahead', async () => {
    const asked: string[] = [];
    const reader = createHourReader((wanted) => {
      for (const { symbol, hour } of wanted) asked.push(`${symbol} ${hour / HOUR}`);
      return Promise.resolve(wanted.map(({ symbol, hour }) => packed(symbol, hour)));
    });
    const walks = ['AUSDT', 'BUSDT'].map((symbol) => {
      const past = pastOf(symbol);
      return { symbol, follow: past.follow(), reach: reader.add({ symbol, hours: HOURS, past }) };
    });
    let used = 0;
    for (const { follow, reach } of walks) {
      for (const hour of HOURS) {
        reach(hour);
        expect([...(await follow({ from: hour, to: hour + HOUR })).ts]).toEqual([hour]);
        used += 1;
        expect(asked.length - used).toBeLessThan(720);
      }
    }
    expect(asked).toEqual(walks.flatMap(({ symbol }) => HOURS.map((hour) => `${symbol} ${hour / HOUR}`)));
  });

  it('tells a failure where the hours are needed', async () => {
    const reader = createHourReader(() => Promise.reject(new Error('the database is away')));
    const past = pastOf('AUSDT');
    reader.add({ symbol: 'AUSDT', hours: HOURS, past });
    await expect(past.follow()({ from: HOUR, to: 2 * HOUR })).rejects.toThrow('the database is away');
  });
});

describe('reading in turns', () => {
  it('begins when the second before it has ended, also with a failure', async () => {
    const ends: ((thrown?: Error) => void)[] = [];
    const inTurn = createTurns();
    const read = () =>
      inTurn(
        () =>
          new Promise<void>((resolve, reject) => {
            ends.push((thrown) => (thrown ? reject(thrown) : resolve()));
          }),
      );
    const [first, second, third] = [read(), read(), read()];
    await Promise.resolve();
    expect(ends.length).toBe(2);
    ends[0]!(new Error('the database is away'));
    await expect(first).rejects.toThrow('the database is away');
    await Promise.resolve();
    expect(ends.length).toBe(3);
    for (const end of ends.slice(1)) end();
    await Promise.all([second, third]);
  });
});
