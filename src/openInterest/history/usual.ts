import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { computeUsual, createUsual, type HourMark } from '../board/usual.ts';
import type { UsualChanges } from '../board/usual.types.ts';
import { hourOf } from './blocks.ts';
import { readHourMarks } from './hourMarks.ts';

/** What is usual is what was so in this time before. */
const USUAL_MS = 7 * DAY_MS;
/** Samples of an hour that a poller had to spool are stored by then. */
const LATE_MS = 2 * MINUTE_MS;

/** How a symbol usually changed, at a moment in epoch ms; `null`: unknown. */
export type UsualAt = (at: number) => UsualChanges | null;

/** The whole hours, epoch ms, whose samples are known at `now` and say what is usual. */
export function usualHoursAt(now: number): { from: number; to: number } {
  const to = hourOf(now - LATE_MS);
  return { from: to - USUAL_MS, to };
}

/** How the symbols usually changed in the hours of `usualHoursAt`. A few symbols a call. */
export async function readUsual(
  db: Queryable,
  query: { symbols: readonly string[]; from: number; to: number },
): Promise<Map<string, UsualChanges | null>> {
  const marks = await readHourMarks(db, query);
  return new Map(Array.from(marks, ([symbol, of]) => [symbol, computeUsual(of)]));
}

/** What boards knew of the symbols at every moment in [from, to], epoch ms. A few symbols a call. */
export async function readUsualPast(
  db: Queryable,
  { symbols, from, to }: { symbols: readonly string[]; from: number; to: number },
): Promise<Map<string, UsualAt>> {
  const hours = { from: usualHoursAt(from).from, to: usualHoursAt(to).to };
  const marks = await readHourMarks(db, { symbols, ...hours });
  return new Map(Array.from(marks, ([symbol, of]) => [symbol, createUsualAt(of)]));
}

function createUsualAt(marks: readonly HourMark[]): UsualAt {
  const usualWithin = createUsual(marks);
  const known = new Map<number, UsualChanges | null>();
  return (at) => {
    const hours = usualHoursAt(at);
    let usual = known.get(hours.to);
    if (usual === undefined) known.set(hours.to, (usual = usualWithin(hours.from, hours.to)));
    return usual;
  };
}
