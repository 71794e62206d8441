import type { Clock } from './clock.ts';

/** Sleeps for `ms` or until `signal` aborts, so shutdown never waits for a timer. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
    function end(): void {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    }
  });
}
