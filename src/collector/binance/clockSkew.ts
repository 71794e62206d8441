import { SECOND_MS } from '../../kit/clock.ts';

/** Enough to see both edges of a second, few enough to see a clock that is set. */
const SAMPLES = 50;

/**
 * How far the exchange's clock is ahead of ours; `null` before the first answer.
 *
 * The Date header is cut to whole seconds, so one answer says little: our clock and the exchange's agree within a range
 * of a second and the request's length. Many answers together leave a narrow range, of which this is the middle; 0 when
 * it holds 0, for then nothing is known to be wrong.
 */
export function createClockSkew() {
  let ranges: { low: number; high: number }[] = [];

  return {
    /** Times of ours are of the system's clock, around the request; `exchangeTime` is its Date header. */
    observe({
      sentAt,
      answeredAt,
      exchangeTime,
    }: {
      sentAt: number;
      answeredAt: number;
      exchangeTime: number | null;
    }): void {
      if (exchangeTime === null) return;
      const range = { low: exchangeTime - answeredAt, high: exchangeTime + SECOND_MS - sentAt };
      // Ranges that do not meet: one of the clocks has been set in between.
      if (ranges.some((it) => it.low > range.high || it.high < range.low)) ranges = [];
      ranges.push(range);
      if (ranges.length > SAMPLES) ranges.shift();
    },
    aheadMs(): number | null {
      if (ranges.length === 0) return null;
      const low = Math.max(...ranges.map((it) => it.low));
      const high = Math.min(...ranges.map((it) => it.high));
      return low <= 0 && high >= 0 ? 0 : Math.round((low + high) / 2);
    },
  };
}
