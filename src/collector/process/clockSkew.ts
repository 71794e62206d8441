import { SECOND_MS } from '../../kit/clock.ts';

/** Enough to see both edges of a second, few enough to see a clock that is set. */
const SAMPLES = 50;

/**
 * How far the exchange's clock is ahead of ours; `null` before the first answer.
 *
 * The Date header is cut to whole seconds, so each answer gives a range of a second plus the request's duration. Many
 * answers together narrow it; the result is its middle, or 0 when it contains 0 and the clocks may agree.
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
