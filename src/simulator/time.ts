import type { Clock } from '../kit/clock.ts';

/**
 * The exchange's own time: `startAt` at first, and from then on `speed` times as fast as the wall. `skewMs` is asked
 * anew each time, so a skewed clock is skewed in everything the exchange says.
 */
export function createSimulatedTime(options: {
  clock: Clock;
  startAt: number;
  speed: number;
  skewMs: () => number;
}): () => number {
  const { clock, startAt, speed, skewMs } = options;
  const wallStart = clock.now();
  return () => Math.round(startAt + (clock.now() - wallStart) * speed + skewMs());
}
