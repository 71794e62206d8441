import { DAY_MS } from '../../kit/clock.ts';

/** UTC days as `2026-11-20`, the way partitions are named. */

export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The moment after its last one. */
export function endOf(day: string): number {
  return startOf(day) + DAY_MS;
}

/** Those of `days` that have ended by `before`, epoch ms, in their order. */
export function daysBefore(days: readonly string[], before: number): string[] {
  return days.filter((day) => day < dayOf(before));
}

/** Those of `days` that overlap [from, to), epoch ms, in their order. */
export function daysWithin(days: readonly string[], { from, to }: { from: number; to: number }): string[] {
  return days.filter((day) => endOf(day) > from && startOf(day) < to);
}
