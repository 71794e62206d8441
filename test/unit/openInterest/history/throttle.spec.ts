import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createThrottle } from '../../../../src/openInterest/history/throttle.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

describe('createThrottle', () => {
  it('pauses for as long as each step took, a second at most', async () => {
    const clock = createFakeClock();
    const pause = createThrottle(clock, new AbortController().signal);
    for (const [workedMs, pausedMs] of [
      [40, 40],
      [15, 15],
      [3_600_000, 1_000],
    ] as const) {
      clock.advance(workedMs);
      let isOver = false;
      const paused = pause().then(() => (isOver = true));
      clock.advance(pausedMs - 1);
      await nextTurn();
      expect([workedMs, isOver]).toEqual([workedMs, false]);
      clock.advance(1);
      await paused;
    }
  });

  it('does not pause after its signal aborts', async () => {
    const clock = createFakeClock();
    const stopping = new AbortController();
    const pause = createThrottle(clock, stopping.signal);
    clock.advance(500);
    const paused = pause();
    stopping.abort();
    await paused;
    clock.advance(500);
    await pause();
  });
});
