import { monitorEventLoopDelay } from 'node:perf_hooks';

export type EventLoop = ReturnType<typeof watchEventLoop>;

const PERIODS = 6;
const RESOLUTION_MS = 20;

/** How long this process was too busy to do anything else, over the last half minute. */
export function watchEventLoop() {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let periods: number[] = [];
  const current = (): number => Math.max(0, delay.max / 1e6 - RESOLUTION_MS);

  return {
    /** Closes a period; to be called every few seconds. */
    look(): void {
      periods = [...periods, current()].slice(-PERIODS);
      delay.reset();
    },
    /** The longest pause. */
    longestMs: () => Math.round(Math.max(current(), ...periods)),
  };
}
