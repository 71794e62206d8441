import { DAY_MS, HOUR_MS } from '../../kit/clock.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { compareMoments } from '../board/merge.ts';
import { Source, type Sample } from '../openInterest.types.ts';
import { hourOf, unpackBlock, unpackContracts, type HourPayload } from './blocks.ts';
import { bucketColumns, mergeBuckets } from './buckets.ts';
import { dayOf, daysWithin, endOf, startOf } from './days.ts';
import {
  selectCandles,
  selectHotBuckets,
  type BucketQuery,
  type HistoryBucketRow,
} from './history.repository.ts';
import {
  selectHourCountsBefore,
  selectHours,
  selectHoursAt,
  selectOptionalColdSpan,
  selectPayloadsWithin,
} from './hours.repository.ts';
import { selectPartitionDays } from './partitions.repository.ts';
import {
  selectFirstHotTime,
  selectHotSamples,
  selectHotSamplesAt,
  selectHotSamplesBefore,
  selectOptionalHotSampleAt,
  type SamplePosition,
  type StoredSample,
} from './samples.repository.ts';

/**
 * The one way to read history: rows of the hot tier and blocks of the cold one, as if they were one table.
 *
 * The hot tier is read first: what is compacted between the two readings is then found twice and never missed. A sample that
 * is in both tiers is the cold one's. Each statement is a transaction of its own, because a transaction holds the locks of
 * every partition that it has touched; and every reading has a bound, of partitions in a statement, of blocks that are
 * decoded, of samples in memory.
 */

/** A statement locks every partition that it may touch, and the database has room for a few thousand locks. */
const DAYS_IN_A_STATEMENT = 31;
/** The blocks that are decoded into buckets before the event loop turns: 72, in some milliseconds. */
const DECODED_DAYS = 3;
/** What a stream keeps of a symbol in memory. */
const STREAMED_MS = 6 * HOUR_MS;

type Range = { symbol: string; from: number; to: number };

/** Samples of `symbol` in [from, to), epoch ms, oldest first, in one list: at most some days. */
async function readSamples(db: Queryable, range: Range): Promise<StoredSample[]> {
  const hot = await selectHotSamples(db, range);
  return mergeTiers(await readColdSamples(db, range), hot);
}

/** The same a few hours at a time, for ranges of any length: constant memory. Hours without a sample are skipped. */
export async function* streamSamples(db: Queryable, range: Range): AsyncGenerator<StoredSample[]> {
  for (let from = range.from; from < range.to;) {
    const to = Math.min(range.to, (Math.floor(from / STREAMED_MS) + 1) * STREAMED_MS);
    const samples = await readSamples(db, { ...range, from, to });
    if (samples.length > 0) yield samples;
    from = to;
  }
}

/** The last `limit` samples of `symbol` before `before`, newest first, of one source or of all. */
export async function readSamplesBefore(
  db: Queryable,
  query: { symbol: string; before: SamplePosition; source: Source | null; limit: number },
): Promise<StoredSample[]> {
  const hot: StoredSample[] = [];
  const until = query.before.ts.getTime() + 1;
  for (const { from, to } of (await hotWindows(db, { from: 0, to: until })).toReversed()) {
    if (hot.length >= query.limit) break;
    const before = to === until ? query.before : { ts: new Date(to), source: null };
    const limit = query.limit - hot.length;
    hot.push(...(await selectHotSamplesBefore(db, { ...query, from, before, limit })));
  }
  const cold = await readColdSamplesBefore(db, query);
  return mergeTiers(cold, hot).toReversed().slice(0, query.limit);
}

/** The newest sample of `symbol` at or before `at` and not older than `notBefore`, epoch ms, of any source. */
export async function readOptionalSampleAt(
  db: Queryable,
  query: { symbol: string; at: number; notBefore: number },
): Promise<Sample | null> {
  const { symbol, at, notBefore } = query;
  const hot = await selectOptionalHotSampleAt(db, symbol, new Date(at), new Date(notBefore));
  const cold = await readColdSamplesAt(db, { symbols: [symbol], at, notBefore, sources: Source.options });
  return newestOfEach([...cold, ...(hot ? [hot] : [])])[0] ?? null;
}

/** The newest sample of each of `symbols` at or before `at` and not older than `notBefore`, epoch ms, backfill left out. */
export async function readSamplesAt(
  db: Queryable,
  query: { symbols: readonly string[]; at: number; notBefore: number },
): Promise<Sample[]> {
  const { symbols, at, notBefore } = query;
  const hot = await selectHotSamplesAt(db, symbols, new Date(at), new Date(notBefore));
  const sources = Source.exclude(['backfill']).options;
  const cold = await readColdSamplesAt(db, { symbols, at, notBefore, sources });
  return newestOfEach([...cold, ...hot]);
}

/** Buckets of `bucketMs`, aligned to the epoch, oldest first; those of an hour or more need no payload. Empty ones are absent. */
export async function readBuckets(db: Queryable, query: BucketQuery): Promise<HistoryBucketRow[]> {
  const hot: HistoryBucketRow[][] = [];
  for (const window of await hotWindows(db, query)) {
    hot.push(await selectHotBuckets(db, { ...query, ...window }));
  }
  return mergeBuckets([await readColdBuckets(db, query), ...hot]);
}

/** The time of the first sample of `symbol`, epoch ms, to the hour where it is cold; `null` when it has none. */
export async function readFirstTime(db: Queryable, symbol: string): Promise<number | null> {
  const cold = (await selectOptionalColdSpan(db, symbol))?.first ?? Infinity;
  for (const window of await hotWindows(db, { from: 0, to: cold })) {
    const hot = await selectFirstHotTime(db, { symbol, ...window });
    if (hot !== null) return hot;
  }
  return Number.isFinite(cold) ? cold : null;
}

/** The parts of [from, to) that have partitions, oldest first, each with no more of them than a statement may touch. */
async function hotWindows(
  db: Queryable,
  range: { from: number; to: number },
): Promise<{ from: number; to: number }[]> {
  const days = daysWithin(await selectPartitionDays(db), range);
  const windows: { from: number; to: number }[] = [];
  for (let i = 0; i < days.length; i += DAYS_IN_A_STATEMENT) {
    const part = days.slice(i, i + DAYS_IN_A_STATEMENT);
    windows.push({
      from: Math.max(range.from, startOf(part[0]!)),
      to: Math.min(range.to, endOf(part.at(-1)!)),
    });
  }
  return windows;
}

async function readColdSamples(db: Queryable, { symbol, from, to }: Range): Promise<StoredSample[]> {
  const blocks = await selectHours(db, { symbol, from: hourOf(from), to });
  return blocks.flatMap(openBlock).filter(({ ts }) => ts >= from && ts < to);
}

async function readColdSamplesBefore(
  db: Queryable,
  query: { symbol: string; before: SamplePosition; source: Source | null; limit: number },
): Promise<StoredSample[]> {
  const { symbol, source, limit } = query;
  const before = query.before.ts.getTime();
  const last = hourOf(before);
  // A block has at least one sample, and of the hour of `before` itself none may count.
  const most = limit + Source.options.length;
  const hours = await selectHourCountsBefore(db, { symbol, at: last, source, limit: most });
  let samples = 0;
  let from = last;
  for (const { hour, samples: count } of hours) {
    if (samples >= limit && hour !== from) break;
    from = hour;
    if (hour < last) samples += count;
  }
  const found = hours.length === 0 ? [] : await readColdSamples(db, { symbol, from, to: before + 1 });
  const isBefore = (it: StoredSample): boolean =>
    it.ts < before ||
    (query.before.source !== null && compareMoments(it, { ts: before, source: query.before.source }) < 0);
  return found
    .toSorted(compareMoments)
    .filter((it) => (source === null || it.source === source) && isBefore(it))
    .slice(-limit);
}

/** Of each symbol and source the newest one in [notBefore, at]. */
async function readColdSamplesAt(
  db: Queryable,
  query: { symbols: readonly string[]; at: number; notBefore: number; sources: readonly Source[] },
): Promise<Sample[]> {
  const blocks = await selectHoursAt(db, query);
  return blocks.flatMap((block) => {
    const found = openBlock(block).findLast(({ ts }) => ts <= query.at);
    if (!found || found.ts < query.notBefore) return [];
    const { createdAt: _createdAt, ...sample } = found;
    return [sample];
  });
}

/** In any order, and a bucket in several parts where it has several hours or sources. */
async function readColdBuckets(db: Queryable, query: BucketQuery): Promise<HistoryBucketRow[]> {
  if (query.bucketMs % HOUR_MS === 0) return selectCandles(db, query);
  const buckets: HistoryBucketRow[][] = [];
  for (let from = query.from; from < query.to;) {
    const to = Math.min(query.to, startOf(dayOf(from)) + DECODED_DAYS * DAY_MS);
    for (const block of await selectPayloadsWithin(db, { ...query, from: hourOf(from), to })) {
      const { prices, ...contracts } = unpackContracts(block);
      buckets.push(bucketColumns(block.source, { ...contracts, ...prices() }, query));
    }
    from = to;
  }
  return buckets.flat();
}

function openBlock(block: HourPayload): StoredSample[] {
  const { symbol, source } = block;
  // Written out: copying a sample by spread costs more than decoding it.
  return unpackBlock(block).map((it) => ({
    symbol,
    openInterest: it.openInterest,
    openInterestUsd: it.openInterestUsd,
    markPrice: it.markPrice,
    fundingRate: it.fundingRate,
    ts: it.ts,
    source,
    createdAt: it.createdAt,
  }));
}

/** By time and then by source, each key once. */
export function mergeTiers(cold: readonly StoredSample[], hot: readonly StoredSample[]): StoredSample[] {
  const sorted = [...cold, ...hot].toSorted(compareMoments);
  return sorted.filter((it, i) => i === 0 || compareMoments(it, sorted[i - 1]!) !== 0);
}

/** Of equal moments the first that is given. */
function newestOfEach(samples: readonly Sample[]): Sample[] {
  const bySymbol = new Map<string, Sample>();
  for (const it of samples) {
    const known = bySymbol.get(it.symbol);
    if (!known || compareMoments(it, known) > 0) bySymbol.set(it.symbol, it);
  }
  return [...bySymbol.values()];
}
