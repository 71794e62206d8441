import type { Line } from './lines.ts';

/** The sectors of the lines, and `also`, by name. */
export function listSectors(lines: readonly Line[], also: readonly string[]): string[] {
  const found = new Set(also);
  for (const { row } of lines) for (const sector of row?.sectors ?? []) found.add(sector);
  return [...found].toSorted((a, b) => a.localeCompare(b, 'en-US'));
}
