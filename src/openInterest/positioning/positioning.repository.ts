import { z } from 'zod';
import { columnsOf, epochMs, execute, selectRows, type Queryable } from '../../platform/database/postgres.ts';
import { LiquidationMinute, PositioningPoint, type PositioningSymbols } from './positioning.types.ts';

/** SQL of `positioning_symbols`, `positioning_points` and `liquidation_minutes`. */

export async function upsertView(db: Queryable, symbol: string, at: Date): Promise<void> {
  await execute(
    db,
    `insert into positioning_symbols as held (symbol, viewed_at) values ($1::text, $2::timestamptz)
     on conflict (symbol) do update set viewed_at = greatest(held.viewed_at, excluded.viewed_at)`,
    [symbol, at.toISOString()],
  );
}

const OfferedRow = z.object({ symbol: z.string(), lastTs: epochMs.nullable() });

/** At most `limit` symbols: those viewed since, the last viewed first, then `listed` in its order. */
export function selectOffered(
  db: Queryable,
  query: { since: Date; listed: readonly string[]; limit: number },
): Promise<PositioningSymbols['symbols']> {
  return selectRows(
    db,
    OfferedRow,
    `with viewed as (
       select symbol, viewed_at from positioning_symbols where viewed_at >= $1::timestamptz
     ), offered as (
       select symbol, viewed_at, place
       from viewed full join unnest($2::text[]) with ordinality as listed (symbol, place) using (symbol)
       order by viewed_at desc nulls last, place, symbol
       limit $3::int
     )
     select symbol, (select max(ts) from positioning_points points where points.symbol = offered.symbol) as "lastTs"
     from offered
     order by viewed_at desc nulls last, place, symbol`,
    [query.since.toISOString(), query.listed, query.limit],
  );
}

/** A value that was not reported does not replace one that was. */
export async function upsertPoints(
  db: Queryable,
  symbol: string,
  points: readonly PositioningPoint[],
): Promise<void> {
  await execute(
    db,
    `insert into positioning_points as held
       (symbol, ts, top_positions, top_accounts, accounts, taker_bought, taker_sold)
     select $1::text, point.* from unnest(
       $2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[]) as point
     on conflict (symbol, ts) do update set
       top_positions = coalesce(excluded.top_positions, held.top_positions),
       top_accounts = coalesce(excluded.top_accounts, held.top_accounts),
       accounts = coalesce(excluded.accounts, held.accounts),
       taker_bought = coalesce(excluded.taker_bought, held.taker_bought),
       taker_sold = coalesce(excluded.taker_sold, held.taker_sold)`,
    [
      symbol,
      points.map((it) => new Date(it.ts).toISOString()),
      points.map((it) => it.topPositions),
      points.map((it) => it.topAccounts),
      points.map((it) => it.accounts),
      points.map((it) => it.takerBought),
      points.map((it) => it.takerSold),
    ],
  );
}

export const PointRow = PositioningPoint.extend({ ts: epochMs });

/** Oldest first. */
export function selectPoints(db: Queryable, symbol: string, since: Date): Promise<PositioningPoint[]> {
  return selectRows(
    db,
    PointRow,
    `select ${columnsOf(PointRow)} from positioning_points
     where symbol = $1::text and ts >= $2::timestamptz
     order by ts`,
    [symbol, since.toISOString()],
  );
}

/**
 * The larger figure wins: the totals of a minute only grow, a repeated post changes nothing, and what a collector counted
 * after a restart does not replace what it had counted before.
 */
export async function upsertMinutes(
  db: Queryable,
  minutes: readonly (LiquidationMinute & { symbol: string })[],
): Promise<void> {
  await execute(
    db,
    `insert into liquidation_minutes as held (symbol, minute, long_usd, short_usd, longs, shorts)
     select * from unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::int[], $6::int[])
     on conflict (symbol, minute) do update set
       long_usd = greatest(held.long_usd, excluded.long_usd),
       short_usd = greatest(held.short_usd, excluded.short_usd),
       longs = greatest(held.longs, excluded.longs),
       shorts = greatest(held.shorts, excluded.shorts)`,
    [
      minutes.map((it) => it.symbol),
      minutes.map((it) => new Date(it.minute).toISOString()),
      minutes.map((it) => it.longUsd),
      minutes.map((it) => it.shortUsd),
      minutes.map((it) => it.longs),
      minutes.map((it) => it.shorts),
    ],
  );
}

export const LiquidationRow = LiquidationMinute.extend({ minute: epochMs });

/** Oldest first. */
export function selectMinutes(db: Queryable, symbol: string, since: Date): Promise<LiquidationMinute[]> {
  return selectRows(
    db,
    LiquidationRow,
    `select ${columnsOf(LiquidationRow)} from liquidation_minutes
     where symbol = $1::text and minute >= $2::timestamptz
     order by minute`,
    [symbol, since.toISOString()],
  );
}

export async function deletePositioningBefore(db: Queryable, before: Date): Promise<void> {
  const at = [before.toISOString()];
  await execute(db, 'delete from positioning_symbols where viewed_at < $1::timestamptz', at);
  await execute(db, 'delete from positioning_points where ts < $1::timestamptz', at);
  await execute(db, 'delete from liquidation_minutes where minute < $1::timestamptz', at);
}
