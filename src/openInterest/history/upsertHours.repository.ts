import { columnOf, execute, type Queryable } from '../../platform/database/postgres.ts';
import type { HourBlock } from './blocks.ts';
import { HOUR_COLUMNS, HourRow } from './hours.repository.ts';

/** Writes `open_interest_hours`; compaction is the only caller. */

/** TOAST stores a payload in chunks of so many bytes, four to a page; a short chunk leaves the rest of its page empty. */
const CHUNK_BYTES = 1_996;
/** A longer tail is a chunk as well: in the rows it would lie between the candles, which are read without payloads. */
const LONGEST_TAIL = 700;

type Row = HourBlock & { tail: Uint8Array | null };
const FIELDS = Object.keys(HourRow.shape) as (keyof Row)[];
const UPDATES = FIELDS.filter((it) => !['symbol', 'hour', 'source'].includes(it))
  .map((it) => `${columnOf(it)} = excluded.${columnOf(it)}`)
  .join(', ');

/** Writes blocks over those that are held, and notes the difference in the account of `day` (`2026-11-20`). */
export async function upsertHours(db: Queryable, day: string, blocks: readonly HourBlock[]): Promise<void> {
  const rows = blocks.map(splitTail);
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
       on conflict (symbol, hour, source) do update set ${UPDATES}
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
    [day, ...FIELDS.map((field) => rows.map((row) => valueOf(row, field)))],
  );
}

function valueOf(row: Row, field: keyof Row): unknown {
  const isTime = field === 'hour' || field === 'firstTs' || field === 'lastTs';
  return isTime ? new Date(row[field]).toISOString() : row[field];
}

function splitTail({ payload, ...block }: HourBlock): Row {
  const bytes = tailBytesOf(payload);
  const tail = bytes === 0 ? null : payload.subarray(-bytes);
  return { ...block, payload: payload.subarray(0, payload.length - bytes), tail };
}

/** How much of the end of a payload is stored in the row, 0 where all of it lies in chunks. */
function tailBytesOf({ length }: Uint8Array): number {
  const rest = length % CHUNK_BYTES;
  return length > CHUNK_BYTES && rest <= LONGEST_TAIL ? rest : 0;
}
