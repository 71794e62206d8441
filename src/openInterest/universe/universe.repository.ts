import { z } from 'zod';
import {
  columnsOf,
  execute,
  isoText,
  selectOptionalRow,
  selectRows,
  type Queryable,
} from '../../platform/database/postgres.ts';
import { UniverseChangeView } from './universe.types.ts';

/** SQL of `open_interest_liquid_symbols`, `open_interest_liquid_journal` and `open_interest_liquid_state`. */

export const LiquidSymbolRow = z.object({
  symbol: z.string(),
  /** USD. */
  quoteVolume24h: z.number(),
  /** `null`: not reported. */
  fundingIntervalHours: z.number().nullable(),
  /** Contracts; `null`: the exchange has no figure, or none was reported. */
  circulatingSupply: z.number().nullable(),
  /** When the exchange was asked for the supply; `null`: not reported. */
  circulatingSupplyAt: z.date().nullable(),
  /** `null`: not reported. */
  sectors: z.array(z.string()).nullable(),
  enteredAt: z.date(),
  lastSeenAt: z.date(),
});
export type LiquidMember = z.output<typeof LiquidSymbolRow>;

/** The members, largest volume first. */
export function selectLiquidSymbols(db: Queryable): Promise<LiquidMember[]> {
  return selectRows(
    db,
    LiquidSymbolRow,
    `select ${columnsOf(LiquidSymbolRow)} from open_interest_liquid_symbols order by quote_volume_24h desc, symbol`,
  );
}

/** As `selectLiquidSymbols`, and no other transaction replaces the set until this one ends. */
export async function lockLiquidSymbols(db: Queryable): Promise<LiquidMember[]> {
  await execute(db, `select pg_advisory_xact_lock(hashtext('open_interest_liquid_symbols'))`, []);
  return selectLiquidSymbols(db);
}

/** `entered_at` of a symbol that stays is kept, whatever is given, and each fact that is not given. */
export async function upsertLiquidSymbols(db: Queryable, members: readonly LiquidMember[]): Promise<void> {
  const sorted = members.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
  await execute(
    db,
    `insert into open_interest_liquid_symbols as held
       (symbol, quote_volume_24h, funding_interval_hours, circulating_supply, circulating_supply_at, sectors,
        entered_at, last_seen_at)
     select symbol, volume, hours, supply, supply_at, string_to_array(sectors, ','), entered_at, last_seen_at
     from unnest($1::text[], $2::float8[], $3::smallint[], $4::float8[], $5::timestamptz[], $6::text[],
       $7::timestamptz[], $8::timestamptz[])
       as given (symbol, volume, hours, supply, supply_at, sectors, entered_at, last_seen_at)
     on conflict (symbol) do update set
       quote_volume_24h = excluded.quote_volume_24h,
       funding_interval_hours = coalesce(excluded.funding_interval_hours, held.funding_interval_hours),
       circulating_supply = case when excluded.circulating_supply_at is null
         then held.circulating_supply else excluded.circulating_supply end,
       circulating_supply_at = coalesce(excluded.circulating_supply_at, held.circulating_supply_at),
       sectors = coalesce(excluded.sectors, held.sectors),
       last_seen_at = excluded.last_seen_at`,
    [
      sorted.map((it) => it.symbol),
      sorted.map((it) => it.quoteVolume24h),
      sorted.map((it) => it.fundingIntervalHours),
      sorted.map((it) => it.circulatingSupply),
      sorted.map((it) => it.circulatingSupplyAt?.toISOString() ?? null),
      sorted.map((it) => it.sectors?.join() ?? null),
      sorted.map((it) => it.enteredAt.toISOString()),
      sorted.map((it) => it.lastSeenAt.toISOString()),
    ],
  );
}

export async function deleteLiquidSymbols(db: Queryable, symbols: readonly string[]): Promise<void> {
  await execute(db, `delete from open_interest_liquid_symbols where symbol = any($1::text[])`, [symbols]);
}

export const JournalRow = UniverseChangeView.extend({ at: isoText });
export type JournalEntry = Omit<UniverseChangeView, 'at'>;

export async function insertJournal(db: Queryable, entries: readonly JournalEntry[]): Promise<void> {
  await execute(
    db,
    `insert into open_interest_liquid_journal (symbol, event, reason, quote_volume_24h)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::float8[])`,
    [
      entries.map((it) => it.symbol),
      entries.map((it) => it.event),
      entries.map((it) => it.reason),
      entries.map((it) => it.quoteVolume24h),
    ],
  );
}

/** The last entries, newest first, of one symbol or of all. */
export function selectJournal(
  db: Queryable,
  query: { symbol: string | null; limit: number },
): Promise<UniverseChangeView[]> {
  return selectRows(
    db,
    JournalRow,
    `select ${columnsOf(JournalRow)} from open_interest_liquid_journal
     where ($1::text is null or symbol = $1::text)
     order by at desc, id desc
     limit $2::int`,
    [query.symbol, query.limit],
  );
}

/** Deletes at most `limit` entries, the oldest first; answers how many. */
export async function deleteJournalBefore(db: Queryable, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from open_interest_liquid_journal where id in (
       select id from open_interest_liquid_journal where at < $1::timestamptz order by at limit $2::int)`,
    [before, limit],
  );
}

export const UniverseStateRow = z.object({
  updatedAt: z.date(),
  enterThreshold: z.number(),
  exitThreshold: z.number(),
});
export type UniverseState = z.output<typeof UniverseStateRow>;

/** `null` before the first update. */
export function selectOptionalUniverseState(db: Queryable): Promise<UniverseState | null> {
  return selectOptionalRow(
    db,
    UniverseStateRow,
    `select ${columnsOf(UniverseStateRow)} from open_interest_liquid_state`,
  );
}

export async function upsertUniverseState(db: Queryable, state: UniverseState): Promise<void> {
  await execute(
    db,
    `insert into open_interest_liquid_state (only_row, updated_at, enter_threshold, exit_threshold)
     values (true, $1::timestamptz, $2::float8, $3::float8)
     on conflict (only_row) do update set
       updated_at = excluded.updated_at,
       enter_threshold = excluded.enter_threshold,
       exit_threshold = excluded.exit_threshold`,
    [state.updatedAt.toISOString(), state.enterThreshold, state.exitThreshold],
  );
}
