import { SECOND_MS } from '../../src/kit/clock.ts';
import { hourOf, packBlock } from '../../src/openInterest/history/blocks.ts';
import type { BlockSample } from '../../src/openInterest/history/codec/hourCodec.ts';
import { dayOf } from '../../src/openInterest/history/days.ts';
import { upsertHours } from '../../src/openInterest/history/upsertHours.repository.ts';
import type { Database } from '../../src/platform/database/database.ts';

/** Past days as a server leaves them: encoded, decoded and compared blocks, or rows with their arrival times. */

type Polled = { ts: number; openInterest: number; markPrice: number | null; fundingRate: number | null };

/** The sample with its value in USD and its arrival: chunks of a sweep are stored within a second after their poll. */
export function withArrival(
  { ts, openInterest, markPrice, fundingRate }: Polled,
  random: () => number,
): BlockSample {
  const openInterestUsd = openInterest * markPrice!;
  const createdAt = ts + 3 * SECOND_MS - (ts % SECOND_MS) + Math.floor(random() * 300);
  return { ts, openInterest, openInterestUsd, markPrice, fundingRate, createdAt };
}

/** All samples are of one day. */
export async function storeBlocks(
  db: Database,
  symbol: string,
  samples: readonly BlockSample[],
): Promise<void> {
  const hours = new Map<number, BlockSample[]>();
  for (const sample of samples) {
    const hour = hourOf(sample.ts);
    const held = hours.get(hour);
    if (held) held.push(sample);
    else hours.set(hour, [sample]);
  }
  const blocks = Array.from(hours, ([hour, of]) => packBlock({ symbol, hour, source: 'realtime' }, of));
  await upsertHours(db, dayOf(samples[0]!.ts), blocks);
}

/** The partitions of their days exist. */
export async function storeRows(
  db: Database,
  samples: readonly (BlockSample & { symbol: string })[],
): Promise<void> {
  const time = (epochMs: number) => new Date(epochMs).toISOString();
  await db.query(
    `insert into open_interest_snapshots
       (symbol, ts, source, open_interest, open_interest_usd, mark_price, funding_rate, created_at)
     select symbol, ts, 'realtime', open_interest, open_interest_usd, mark_price, funding_rate, created_at
     from unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::timestamptz[])
       as given(symbol, ts, open_interest, open_interest_usd, mark_price, funding_rate, created_at)
     order by symbol, ts`,
    [
      samples.map((it) => it.symbol),
      samples.map((it) => time(it.ts)),
      samples.map((it) => it.openInterest),
      samples.map((it) => it.openInterestUsd),
      samples.map((it) => it.markPrice),
      samples.map((it) => it.fundingRate),
      samples.map((it) => time(it.createdAt)),
    ],
  );
}
