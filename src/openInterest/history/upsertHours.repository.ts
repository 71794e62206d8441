import { execute, type Queryable } from '../../platform/database/postgres.ts';
import type { HourBlock } from './blocks.ts';
import { HOUR_COLUMNS, HourRow } from './hours.repository.ts';

/** Writes `open_interest_hours`; compaction is the only caller. */

/** TOAST stores a payload in chunks of so many bytes, four to a page; a short chunk leaves the rest of its page empty. */
const CHUNK_BYTES = 1_996;
/** A longer tail is a chunk as well: in the rows it would lie between the candles, which are read without payloads. */
const LONGEST_TAIL = 700;

/** Writes blocks over those that are held, and notes the difference in the account of `day` (`2026-11-20`). */
export async function upsertHours(db: Queryable, day: string, blocks: readonly HourBlock[]): Promise<void> {
  const column = (value: (block: HourBlock) => unknown): unknown[] => blocks.map(value);
  const time = (value: (block: HourBlock) => number): unknown[] =>
    blocks.map((it) => new Date(value(it)).toISOString());
  const updates = Object.keys(HourRow.shape).filter((it) => !['symbol', 'hour', 'source'].includes(it));
  await execute(
    db,
    `with given as (
       select * from unnest(
         $2::text[], $3::timestamptz[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[],
         $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[],
         $15::float8[], $16::float8[], $17::float8[], $18::smallint[], $19::bytea[], $20::bytea[]
       ) as given(${HOUR_COLUMNS})
     ),
     held as (
       select held.samples, length(held.payload) + coalesce(length(held.tail), 0) as bytes
       from open_interest_hours as held join given using (symbol, hour, source)
     ),
     written as (
       insert into open_interest_hours (${HOUR_COLUMNS}) select ${HOUR_COLUMNS} from given
       on conflict (symbol, hour, source) do update set ${updates.map((it) => `${it} = excluded.${it}`).join(', ')}
     )
     insert into open_interest_cold_days as account (day, blocks, samples, payload_bytes)
     select $1::date,
       (select count(*) from given) - (select count(*) from held),
       (select coalesce(sum(samples), 0) from given) - (select coalesce(sum(samples), 0) from held),
       (select coalesce(sum(length(payload) + coalesce(length(tail), 0)), 0) from given)
         - (select coalesce(sum(bytes), 0) from held)
     on conflict (day) do update set
       blocks = account.blocks + excluded.blocks,
       samples = account.samples + excluded.samples,
       payload_bytes = account.payload_bytes + excluded.payload_bytes,
       compacted_at = now()`,
    [
      day,
      column((it) => it.symbol),
      time((it) => it.hour),
      column((it) => it.source),
      column((it) => it.samples),
      time((it) => it.firstTs),
      time((it) => it.lastTs),
      column((it) => it.oi.open),
      column((it) => it.oi.high),
      column((it) => it.oi.low),
      column((it) => it.oi.close),
      column((it) => it.usd.open),
      column((it) => it.usd.high),
      column((it) => it.usd.low),
      column((it) => it.usd.close),
      column((it) => it.markPrice),
      column((it) => it.fundingRate),
      column((it) => it.codec),
      column(({ payload }) => payload.subarray(0, payload.length - tailBytesOf(payload))),
      column(({ payload }) => (tailBytesOf(payload) === 0 ? null : payload.subarray(-tailBytesOf(payload)))),
    ],
  );
}

/** How much of the end of a payload is stored in the row, 0 where all of it lies in chunks. */
function tailBytesOf({ length }: Uint8Array): number {
  const rest = length % CHUNK_BYTES;
  return length > CHUNK_BYTES && rest <= LONGEST_TAIL ? rest : 0;
}
