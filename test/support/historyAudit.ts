import type { Pool } from 'pg';
import { HOUR_MS } from '../../src/kit/clock.ts';
import { decodeHour } from '../../src/openInterest/history/codec/hourCodec.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import type { Database } from '../../src/platform/database/database.ts';

export type HistoryVerdict = {
  acked: number;
  /** In neither tier. */
  lost: number;
  /** In both tiers, or twice in one. */
  doubled: number;
  /** There, and not as it was acknowledged. */
  changed: number;
  /** There, and never acknowledged. */
  strange: number;
};

type Stored = { openInterest: number; openInterestUsd: number | null; markPrice: number | null };

/** Compares acknowledged samples with both tiers, read with SQL and the codec only, without the product's readers. */
export async function auditHistory(pool: Pool, acknowledged: readonly Sample[]): Promise<HistoryVerdict> {
  const stored = new Map<string, Stored[]>();
  const note = (key: string, sample: Stored): void => {
    stored.set(key, [...(stored.get(key) ?? []), sample]);
  };
  for (const [key, sample] of [...(await readHot(pool)), ...(await readCold(pool))]) note(key, sample);
  const verdict: HistoryVerdict = { acked: 0, lost: 0, doubled: 0, changed: 0, strange: 0 };
  for (const sample of acknowledged) {
    verdict.acked += 1;
    const key = keyOf(sample.symbol, sample.ts, sample.source);
    const found = stored.get(key) ?? [];
    stored.delete(key);
    if (found.length === 0) verdict.lost += 1;
    if (found.length > 1) verdict.doubled += 1;
    if (found.some((it) => !isSame(it, sample))) verdict.changed += 1;
  }
  verdict.strange = stored.size;
  return verdict;
}

async function readHot(pool: Pool): Promise<[string, Stored][]> {
  const { rows } = await pool.query<{
    symbol: string;
    ts: Date;
    source: string;
    open_interest: number;
    open_interest_usd: number | null;
    mark_price: number | null;
  }>('select symbol, ts, source, open_interest, open_interest_usd, mark_price from open_interest_snapshots');
  return rows.map((row) => [
    keyOf(row.symbol, row.ts.getTime(), row.source),
    { openInterest: row.open_interest, openInterestUsd: row.open_interest_usd, markPrice: row.mark_price },
  ]);
}

async function readCold(pool: Pool): Promise<[string, Stored][]> {
  const { rows } = await pool.query<{
    symbol: string;
    hour: Date;
    source: string;
    samples: number;
    codec: number;
    payload: Buffer;
  }>(`select symbol, hour, source, samples, codec, payload || coalesce(tail, '') as payload
    from open_interest_hours`);
  return rows.flatMap((row) => {
    const samples = decodeHour(row.codec, row.payload);
    if (samples.length !== row.samples) throw new Error(`${row.symbol} ${row.hour.toISOString()} miscounts`);
    return samples.map((it): [string, Stored] => {
      if (Math.floor(it.ts / HOUR_MS) * HOUR_MS !== row.hour.getTime()) throw new Error('a stray sample');
      return [keyOf(row.symbol, it.ts, row.source), it];
    });
  });
}

const keyOf = (symbol: string, ts: number, source: string): string => `${symbol} ${ts} ${source}`;

function isSame(stored: Stored, sample: Sample): boolean {
  return (
    stored.openInterest === sample.openInterest &&
    stored.openInterestUsd === sample.openInterestUsd &&
    stored.markPrice === sample.markPrice
  );
}

/** The same statements, each in a separate transaction, with a fault at those that match `sabotage`. */
export function withoutTransactions(db: Database, sabotage: RegExp): Database {
  return {
    ...db,
    transaction: (work) =>
      work({
        query: (sql, params) =>
          sabotage.test(sql) ? Promise.reject(new Error('sabotaged')) : db.query(sql, params),
      }),
  };
}
