import {
  columnsOf,
  execute,
  isoText,
  selectOptionalRow,
  selectRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { OpenInterestAlert, type Direction } from '../openInterest.types.ts';

/** SQL of `open_interest_alerts`. */

type NewAlert = Omit<OpenInterestAlert, 'id' | 'ts' | 'createdAt' | 'after'> & { ts: number };

export const AlertRow = OpenInterestAlert.extend({ ts: isoText, createdAt: isoText });

const COLUMNS = columnsOf(AlertRow, { id: 'id::text' });

/** Stores an alert. `null` when the same one (symbol, direction, timeframe, ts, source) is stored already. */
export function insertOptionalAlert(db: Queryable, alert: NewAlert): Promise<OpenInterestAlert | null> {
  return selectOptionalRow(
    db,
    AlertRow,
    `insert into open_interest_alerts
       (symbol, direction, timeframe, baseline, current, pct_change, abs_change, price_change, funding_rate, source, ts)
     values ($1::text, $2::text, $3::text, $4::float8, $5::float8, $6::float8, $7::float8, $8::float8, $9::float8,
       $10::text, $11::timestamptz)
     on conflict (symbol, direction, timeframe, ts, source) do nothing
     returning ${COLUMNS}`,
    [
      alert.symbol,
      alert.direction,
      alert.timeframe,
      alert.baseline,
      alert.current,
      alert.pctChange,
      alert.absChange,
      alert.priceChange,
      alert.fundingRate,
      alert.source,
      new Date(alert.ts).toISOString(),
    ],
  );
}

/** The stored alert with the natural key of `alert`. */
export function selectSameAlert(db: Queryable, alert: NewAlert): Promise<OpenInterestAlert> {
  return selectRow(
    db,
    AlertRow,
    `select ${COLUMNS} from open_interest_alerts
     where symbol = $1::text and direction = $2::text and timeframe = $3::text and ts = $4::timestamptz
       and source = $5::text`,
    [alert.symbol, alert.direction, alert.timeframe, new Date(alert.ts).toISOString(), alert.source],
  );
}

type AlertQuery = {
  symbol: string | null;
  direction: Direction | null;
  timeframe: string | null;
  /** Only alerts after this moment. */
  since: Date | null;
  /** Only alerts older than this one: its moment, and its id to distinguish alerts of one moment. */
  before: { ts: Date; id: string | null } | null;
  limit: number;
  offset: number;
};

/** Newest first. */
export function selectAlerts(db: Queryable, query: AlertQuery): Promise<OpenInterestAlert[]> {
  return selectRows(
    db,
    AlertRow,
    `select ${COLUMNS} from open_interest_alerts
     where ($1::text is null or symbol = $1::text)
       and ($2::text is null or direction = $2::text)
       and ($3::text is null or timeframe = $3::text)
       and ($4::timestamptz is null or ts > $4::timestamptz)
       and ($5::timestamptz is null or (ts, id) < ($5::timestamptz, coalesce($6::bigint, 0)))
     order by ts desc, open_interest_alerts.id desc
     limit $7::int offset $8::int`,
    [
      query.symbol,
      query.direction,
      query.timeframe,
      query.since,
      query.before?.ts ?? null,
      query.before?.id ?? null,
      query.limit,
      query.offset,
    ],
  );
}

/** Deletes at most `limit`, the oldest first; answers how many. */
export async function deleteAlertsBefore(db: Queryable, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from open_interest_alerts where id in (
       select id from open_interest_alerts where ts < $1::timestamptz order by ts limit $2::int)`,
    [before, limit],
  );
}

/** Alerts stored at or after `since`, oldest first. */
export function selectAlertsCreatedSince(db: Queryable, since: Date): Promise<OpenInterestAlert[]> {
  return selectRows(
    db,
    AlertRow,
    `select ${COLUMNS} from open_interest_alerts where created_at >= $1::timestamptz
     order by created_at, open_interest_alerts.id
     limit 1000`,
    [since],
  );
}
