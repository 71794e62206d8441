import type { Pool } from 'pg';
import { anItem } from './builders.ts';
import { INGEST_KEY } from './testServer.ts';

/**
 * Pollers that record their responses, for comparison with the database afterwards. Each posts chunk after
 * chunk, every chunk with its own time, and retries a chunk until it is acknowledged.
 */
export type Writers = {
  /** Ends them when what they have under way is answered; answers the history. */
  stop(): Promise<WriterHistory>;
  acknowledged(): number;
};

export type WriterHistory = {
  /** Chunks answered 2xx. */
  acknowledged: SettledChunk[];
  /** Chunks whose last response was no 2xx: their outcome is unknown. */
  unknown: SettledChunk[];
  /** Answers by status; 0 is no answer at all. */
  answers: Map<number, number>;
  latenciesMs: number[];
};

export type Chunk = { ts: number; symbols: readonly string[]; openInterest: number };

/** The time of its last response (`performance.now()`). */
type SettledChunk = Chunk & { settledAt: number };

const INGEST = '/api/market/open-interest/ingest';

export function startWriters(options: {
  /** The URL to post to; read before each chunk, as a restarted server may have another port. */
  url: () => string;
  count: number;
  symbols: (writer: number) => readonly string[];
  /** Pause after an answer that was no 2xx. */
  retryMs?: number;
  pauseMs?: number;
  /** Drop a chunk after one attempt. */
  once?: boolean;
  key?: string;
  /** A spec that fails must not leave them writing for good. */
  forMs?: number;
}): Writers {
  const { url, count, symbols, retryMs = 50, pauseMs = 0, once = false, key, forMs = 60_000 } = options;
  const history: WriterHistory = {
    acknowledged: [],
    unknown: [],
    answers: new Map(),
    latenciesMs: [],
  };
  let stopped = false;
  const giveUpAt = performance.now() + forMs;
  const isOver = (): boolean => stopped || performance.now() > giveUpAt;
  let lastTs = Date.now() - 3_600_000;

  async function write(writer: number): Promise<void> {
    while (!isOver()) {
      lastTs += 1;
      const chunk: Chunk = { ts: lastTs, symbols: symbols(writer), openInterest: lastTs % 1_000_000 };
      let status = await post(chunk);
      // A started chunk is completed, so that its outcome is known.
      while (status !== 200 && performance.now() < giveUpAt) {
        await pause(retryMs);
        if (once) break;
        status = await post(chunk);
      }
      (status === 200 ? history.acknowledged : history.unknown).push({
        ...chunk,
        settledAt: performance.now(),
      });
      if (pauseMs > 0) await pause(pauseMs);
    }
  }

  async function post(chunk: Chunk): Promise<number> {
    const startedAt = performance.now();
    const { status } = await postChunk(url(), chunk, key);
    const ms = performance.now() - startedAt;
    history.answers.set(status, (history.answers.get(status) ?? 0) + 1);
    history.latenciesMs.push(ms);
    return status;
  }

  const writing = Promise.all(Array.from({ length: count }, (_, writer) => write(writer)));
  return {
    acknowledged: () => history.acknowledged.length,
    async stop() {
      stopped = true;
      await writing;
      return history;
    },
  };
}

/** Status 0: there was no answer. */
export async function postChunk(
  url: string,
  chunk: Chunk,
  key = INGEST_KEY,
): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await fetch(url + INGEST, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-API-Key': key },
      body: JSON.stringify({
        data: chunk.symbols.map((symbol) => anItem(symbol, { openInterest: chunk.openInterest })),
        timestamp: chunk.ts,
        source: 'realtime',
      }),
      signal: AbortSignal.timeout(15_000),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: null };
  }
}

export type Verdict = {
  acknowledged: number;
  /** Acknowledged and not in the database: must be 0. */
  lost: number;
  /** More than one row of a (symbol, ts, source): must be 0. */
  duplicated: number;
  /** Never acknowledged and in the database all the same. */
  recovered: number;
  neverStored: number;
  /** Symbols whose latest row is not the newest of their history: must be 0. */
  latestMismatches: number;
};

/** Compares a history with the database. */
export async function judge(pool: Pool, history: WriterHistory): Promise<Verdict> {
  const { rows } = await pool.query<{ symbol: string; ts: Date; n: number }>(
    'select symbol, ts, count(*)::int as n from open_interest_snapshots group by symbol, ts, source',
  );
  const stored = new Map(rows.map((row) => [`${row.symbol} ${row.ts.getTime()}`, row.n]));
  const isStored = (chunk: Chunk): boolean =>
    chunk.symbols.every((symbol) => stored.has(`${symbol} ${chunk.ts}`));
  const recovered = history.unknown.filter(isStored).length;
  return {
    acknowledged: history.acknowledged.length,
    lost: history.acknowledged.filter((chunk) => !isStored(chunk)).length,
    duplicated: [...stored.values()].filter((n) => n > 1).length,
    recovered,
    neverStored: history.unknown.length - recovered,
    latestMismatches: await countLatestMismatches(pool),
  };
}

async function countLatestMismatches(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `with newest as (
       select distinct on (symbol) symbol, ts, source, open_interest from open_interest_snapshots
       where source <> 'backfill'
       order by symbol, ts desc, open_interest_source_rank(source) desc
     )
     select count(*)::int as n from newest
     full join open_interest_latest as latest using (symbol, ts, source, open_interest)
     where newest.symbol is null or latest.symbol is null`,
  );
  return rows[0]?.n ?? -1;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
