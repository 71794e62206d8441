import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from '../../../src/kit/clock.ts';
import { createDebounce } from '../../../src/kit/debounce.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

function aDebounce(clock: Clock, waits = { quietMs: 250, minGapMs: 0, maxWaitMs: 1_000 }) {
  const ranAt: number[] = [];
  const debounce = createDebounce({ clock, ...waits, run: () => ranAt.push(clock.now()) });
  return { debounce, ranAt };
}

describe('createDebounce', () => {
  it('runs once after the quiet time since the last trigger', () => {
    const clock = createFakeClock(0);
    const { debounce, ranAt } = aDebounce(clock);
    debounce.trigger();
    clock.advance(200);
    debounce.trigger();
    clock.advance(249);
    expect(ranAt).toEqual([]);
    clock.advance(1);
    expect(ranAt).toEqual([450]);
    clock.advance(10_000);
    expect(ranAt).toEqual([450]);
  });

  it('runs no later than the maximum wait after the first trigger', () => {
    const clock = createFakeClock(0);
    const { debounce, ranAt } = aDebounce(clock);
    for (let at = 0; at < 5_000; at += 10) {
      debounce.trigger();
      clock.advance(10);
    }
    // The trigger after a run opens the next window, hence the 10 ms between them.
    expect(ranAt).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it('runs once a window: after the quiet time and the gap or after the maximum wait, whichever is first', () => {
    const anyGaps = fc.array(fc.integer({ min: 0, max: 1_500 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(anyGaps, fc.integer({ min: 0, max: 1_200 }), (gaps, minGapMs) => {
        const clock = createFakeClock(0);
        const { debounce, ranAt } = aDebounce(clock, { quietMs: 250, minGapMs, maxWaitMs: 1_000 });
        const expected: number[] = [];
        let window: { first: number; dueAt: number } | undefined;
        for (const gap of gaps) {
          clock.advance(gap);
          const now = clock.now();
          if (window && window.dueAt <= now) {
            expected.push(window.dueAt);
            window = undefined;
          }
          const first: number = window?.first ?? now;
          const quietAt = Math.max(now + 250, (expected.at(-1) ?? -Infinity) + minGapMs);
          window = { first, dueAt: Math.min(quietAt, first + 1_000) };
          debounce.trigger();
        }
        clock.advance(1_000);
        expect(ranAt).toEqual([...expected, window!.dueAt]);
        expect(clock.pending()).toBe(0);
      }),
    );
  });

  it('is not delayed by a clock set back while it waits', () => {
    const timers = createFakeClock(0);
    let offset = 3_600_000;
    const clock: Clock = { now: () => timers.now() + offset, after: timers.after };
    const { debounce, ranAt } = aDebounce(clock);
    debounce.trigger();
    offset = 0;
    for (let at = 0; at < 1_200; at += 100) {
      timers.advance(100);
      debounce.trigger();
    }
    expect(ranAt).toHaveLength(1);
  });

  it('runs immediately when a clock set forward shows that it is due', () => {
    const timers = createFakeClock(0);
    let offset = 0;
    const clock: Clock = { now: () => timers.now() + offset, after: timers.after };
    const { debounce, ranAt } = aDebounce(clock);
    debounce.trigger();
    offset = 3_600_000;
    debounce.trigger();
    timers.advance(0);
    expect(ranAt).toHaveLength(1);
  });

  it('runs immediately on flush, and not again for the same triggers', () => {
    const clock = createFakeClock(0);
    const { debounce, ranAt } = aDebounce(clock);
    debounce.flush();
    expect(ranAt).toEqual([]);
    debounce.trigger();
    debounce.flush();
    clock.advance(10_000);
    expect(ranAt).toEqual([0]);
  });

  it('drops a pending run on cancel, and works again afterwards', () => {
    const clock = createFakeClock(0);
    const { debounce, ranAt } = aDebounce(clock);
    debounce.trigger();
    debounce.cancel();
    clock.advance(10_000);
    expect([ranAt, clock.pending()]).toEqual([[], 0]);
    debounce.trigger();
    clock.advance(250);
    expect(ranAt).toEqual([10_250]);
  });

  it('starts a new window for triggers during a run', () => {
    const clock = createFakeClock(0);
    const ranAt: number[] = [];
    const debounce = createDebounce({
      clock,
      quietMs: 250,
      minGapMs: 0,
      maxWaitMs: 1_000,
      run() {
        ranAt.push(clock.now());
        if (ranAt.length === 1) debounce.trigger();
      },
    });
    debounce.trigger();
    clock.advance(10_000);
    expect(ranAt).toEqual([250, 500]);
  });
});
