import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import type { Market } from '../simulator/market/market.ts';
import { chunksOf, itemAt, type Ingest } from './ingest.ts';

/** The most items that the server accepts in one post. */
const CHUNK = 500;
/** Concurrent posts: enough to keep the database busy. */
const PARALLEL = 4;

/**
 * The day before the demo began, through the real ingest: 5-minute points for 24 hours and 10-second points for the last
 * hour. Posted oldest first; existing points are counted as duplicates and change nothing.
 */
export async function postHistory(options: {
  market: Market;
  ingest: Ingest;
  symbols: readonly string[];
  now: number;
  onProgress: (share: number) => void;
}): Promise<number> {
  const { market, ingest, symbols, now, onProgress } = options;
  const lastHour = now - HOUR_MS;
  const moments = [
    // A little more than the day, so that the change over 24 hours has something to be measured against.
    ...range(now - DAY_MS - 15 * MINUTE_MS, lastHour, 5 * MINUTE_MS).map((at) => ({
      at,
      source: 'snapshot',
    })),
    ...range(lastHour, now, 10 * SECOND_MS).map((at) => ({ at, source: 'realtime' })),
  ];
  const posts = moments.flatMap(({ at, source }) =>
    chunksOf(symbols, CHUNK).map((part) => ({ at, source, symbols: part })),
  );
  let posted = 0;
  let next = 0;
  async function work(): Promise<void> {
    for (let post = posts[next++]; post; post = posts[next++]) {
      const { at, source } = post;
      const data = post.symbols.map((symbol) => itemAt(market, symbol, at));
      await ingest.post('/api/market/open-interest/ingest', { source, data });
      posted += data.length;
      onProgress(posted / (moments.length * symbols.length));
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return posted;
}

/** Posts the universe that the collector's job will find, so that the history belongs to its symbols. */
export function postUniverse(options: {
  market: Market;
  ingest: Ingest;
  symbols: readonly string[];
  now: number;
}): Promise<void> {
  const { market, ingest, symbols, now } = options;
  return ingest.post('/api/market/open-interest/liquid-universe/update', {
    symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: market.quoteVolume24hAt(symbol, now) })),
    // A demo started with fewer symbols than before means it.
    force: true,
  });
}

function range(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / step)) }, (_, i) => first + i * step);
}
