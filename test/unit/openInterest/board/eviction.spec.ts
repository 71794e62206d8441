import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/kit/clock.ts';
import { createFeedWatch, isExpired } from '../../../../src/openInterest/board/eviction.ts';
import { aSample } from '../../../support/builders.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

describe('isExpired', () => {
  it.each([
    ['outside the universe', false, HOUR_MS],
    ['in the universe', true, DAY_MS],
  ])('C4 evicts a symbol %s after more than its time of silence', (_where, isMember, timeMs) => {
    expect(isExpired(aSample({ ts: NOON - timeMs }), NOON, isMember)).toBe(false);
    expect(isExpired(aSample({ ts: NOON - timeMs - 1 }), NOON, isMember)).toBe(true);
  });

  it('L3 evicts nothing during an outage: silence is measured against the newest sample, not the clock', () => {
    const anyBoard = fc.array(fc.integer({ min: 0, max: HOUR_MS }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(anyBoard, fc.boolean(), (ages, isMember) => {
        const samples = ages.map((age) => aSample({ ts: NOON - age }));
        const newestTs = Math.max(...samples.map((it) => it.ts));
        // However long ago noon is by now.
        expect(samples.filter((it) => isExpired(it, newestTs, isMember))).toEqual([]);
      }),
    );
  });

  it('never evicts the newest symbol', () => {
    expect(isExpired(aSample({ ts: NOON }), NOON, false)).toBe(false);
  });
});

describe('createFeedWatch', () => {
  it('L3 evicts nothing when the feed resumes: the first chunk does not evict the symbols of the next', () => {
    const feed = createFeedWatch();
    feed.look(NOON);
    const back = NOON + 3 * HOUR_MS;
    const notYetBack = aSample({ ts: NOON });
    expect(isExpired(notYetBack, back, false)).toBe(true);
    expect(isExpired(notYetBack, back, false, feed.look(back))).toBe(false);
    expect(isExpired(notYetBack, back + HOUR_MS, false, feed.look(back + MINUTE_MS))).toBe(false);
    expect(isExpired(notYetBack, back + HOUR_MS + 1, false, feed.look(back + 2 * MINUTE_MS))).toBe(true);
  });

  it('measures silence from the sample itself while the feed continues', () => {
    const feed = createFeedWatch();
    for (let at = NOON; at <= NOON + 2 * HOUR_MS; at += MINUTE_MS) feed.look(at);
    const delisted = aSample({ ts: NOON + 30 * MINUTE_MS });
    const now = NOON + 2 * HOUR_MS;
    expect(isExpired(delisted, now, false, feed.look(now))).toBe(true);
  });
});
