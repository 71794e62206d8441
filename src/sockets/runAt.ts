import type { Clock } from '../kit/clock.ts';

/** Timers run for at most 24 days; tokens may be valid longer. */
export function runAt(clock: Clock, at: number, task: () => void): () => void {
  let cancel = clock.after(at - clock.now(), check);
  function check(): void {
    if (clock.now() >= at) task();
    else cancel = clock.after(at - clock.now(), check);
  }
  return () => cancel();
}
