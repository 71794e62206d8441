import { SECOND_MS } from '../../kit/clock.ts';

const FIRST_MS = 0.5 * SECOND_MS;
const LONGEST_MS = 30 * SECOND_MS;

/**
 * How long to wait before the attempt after `failures` failed ones: anything from nothing to a bound that doubles (full
 * jitter), so that many senders do not come back together. `floorMs` is what the server asked for and always kept.
 */
export function computeBackoffMs(failures: number, floorMs: number | null, random: () => number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.max(random() * bound, floorMs ?? 0);
}
