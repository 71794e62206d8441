import type { ScheduleInput } from './schedule.types.ts';

/** Every symbol equally often. */
export function evenSchedule({ symbols, evenIntervalMs, minIntervalMs }: ScheduleInput): Map<string, number> {
  const intervalMs = Math.max(evenIntervalMs, minIntervalMs);
  return new Map(symbols.map((symbol) => [symbol, intervalMs]));
}
