import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How long this process was too busy to do anything else, over the last half minute. */
export type EventLoop = {
  /** Closes a period; to be called every few seconds. */
  look(): void;
  /** The longest pause in ms. */
  longestMs(): number;
};

const PERIODS = 6;
const RESOLUTION_MS = 20;

export function watchEventLoop(): EventLoop {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let periods: number[] = [];
  const current = (): number => Math.max(0, delay.max / 1e6 - RESOLUTION_MS);

  return {
    look() {
      periods = [...periods, current()].slice(-PERIODS);
      delay.reset();
    },
    longestMs: () => Math.round(Math.max(current(), ...periods)),
  };
}
