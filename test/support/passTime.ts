import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FakeClock } from './fakeClock.ts';

/**
 * Moves time by steps, each short enough for what is watched, and lets what fell due do its work after each: `turns` of the
 * event loop, one for every promise that waits for another.
 */
export async function passTime(
  clock: Pick<FakeClock, 'advance'>,
  ms: number,
  { stepMs, turns }: { stepMs: number; turns: number },
): Promise<void> {
  for (let done = 0; done < ms; done += stepMs) {
    clock.advance(stepMs);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  }
}
