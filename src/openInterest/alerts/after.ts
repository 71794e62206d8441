import { DAY_MS, MINUTE_MS } from '../../kit/clock.ts';
import { findBase } from '../board/changes.ts';
import type { Series } from '../board/series.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { appendAfter, selectDueAfter, type AfterTable, type DueAfter } from './after.repository.ts';
import { AFTER_MINUTES, type AlertAfter } from './after.types.ts';

/** A sample may arrive as late; afterwards the change is unknown. */
const LATEST_MS = 2 * MINUTE_MS;
const AT_ONCE = 500;

/** Stores what followed alerts and firings of the last day, once for all clients. */
export async function followAlerts(ctx: OpenInterestContext): Promise<void> {
  await follow(ctx, 'alerts');
  await follow(ctx, 'firings');
}

async function follow({ stores, board, clock }: OpenInterestContext, table: AfterTable): Promise<void> {
  const now = clock.now();
  const due = await selectDueAfter(stores.upkeep, table, { now, from: now - DAY_MS, limit: AT_ONCE });
  const measured = due.map((alert) => {
    const past = {
      series: board.seriesOf(alert.symbol),
      everySec: board.get(alert.symbol)?.row.everySec ?? 0,
    };
    return { id: alert.id, known: alert.known, after: measureAfter(alert, past, now) };
  });
  await appendAfter(
    stores.upkeep,
    table,
    measured.filter((it) => it.after.length > 0),
  );
}

/** The looks that are due and not stored, in their order; those whose samples may still arrive wait. */
export function measureAfter(
  { at, known }: Pick<DueAfter, 'at' | 'known'>,
  { series, everySec }: { series: Series | undefined; everySec: number },
  now: number,
): AlertAfter[] {
  const newestTs = series?.newestTs() ?? 0;
  const pointAt = (ts: number) => series && findBase(series, ts, now - ts, everySec);
  const base = pointAt(at);
  return AFTER_MINUTES.slice(known)
    .map((minutes) => ({ minutes, then: at + minutes * MINUTE_MS }))
    .filter(({ then }) => then <= newestTs || then + LATEST_MS <= now)
    .map(({ minutes, then }) => {
      const point = pointAt(then);
      return {
        minutes,
        oiChange: changeOf(base?.openInterest, point?.openInterest),
        priceChange: changeOf(base?.markPrice, point?.markPrice),
      };
    });
}

function changeOf(base: number | null | undefined, then: number | null | undefined): number | null {
  return base && typeof then === 'number' ? (then - base) / base : null;
}
