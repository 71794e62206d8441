import { z } from 'zod';
import { DAY_MS } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import type { Database } from '../../platform/database/database.ts';
import { distinctSamples } from '../board/merge.ts';
import { Source, type Sample } from '../openInterest.types.ts';
import { MAX_DAYS_AT_ONCE, makeDays } from './partitions.ts';
import { SymbolName } from './query.ts';
import { insertSamples } from './insertSamples.repository.ts';

/**
 * Files of samples: our own exports (CSV, NDJSON) with the sources that they name, and the exchange's archive of five-minute
 * figures (`metrics` CSV) as backfill. What is stored already stays as it is, so an import can be repeated; samples of
 * compacted hours are merged into their blocks at the next compaction.
 */
type ImportReport = {
  lines: number;
  samples: number;
  inserted: number;
  /** Lines that are no sample, or one older than what is kept: how many, and what was wrong with the first ones. */
  refused: number;
  faults: string[];
};

const BATCH = 2_000;
const FAULTS_NAMED = 10;

const number = z.string().min(1).transform(Number).pipe(z.number());
const unknown = z
  .string()
  .transform((it) => (it === '' ? null : Number(it)))
  .pipe(z.number().nullable());
const isoTime = z.iso.datetime().transform((it) => Date.parse(it));
const contracts = z.number().min(0).max(1e15);

/** The archive writes UTC without saying so, and has no price. */
const MetricsLine = z
  .object({
    create_time: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
      .transform((it) => Date.parse(`${it.replace(' ', 'T')}Z`))
      .pipe(z.number()),
    symbol: SymbolName,
    sum_open_interest: number.pipe(contracts),
    sum_open_interest_value: number,
  })
  .transform((it): Sample => ({
    symbol: it.symbol,
    ts: it.create_time,
    source: 'backfill',
    openInterest: it.sum_open_interest,
    openInterestUsd: it.sum_open_interest_value > 0 ? it.sum_open_interest_value : null,
    markPrice: null,
    fundingRate: null,
  }));

const OwnCsvLine = z
  .object({
    symbol: SymbolName,
    ts: isoTime,
    source: Source,
    open_interest: number.pipe(contracts),
    open_interest_usd: unknown,
    mark_price: unknown,
    funding_rate: unknown,
  })
  .transform((it): Sample => ({
    symbol: it.symbol,
    ts: it.ts,
    source: it.source,
    openInterest: it.open_interest,
    openInterestUsd: it.open_interest_usd,
    markPrice: it.mark_price,
    fundingRate: it.funding_rate,
  }));

const OwnJsonLine = z.object({
  symbol: SymbolName,
  ts: isoTime,
  source: Source,
  openInterest: contracts,
  openInterestUsd: z.number().nullable(),
  markPrice: z.number().nullable(),
  fundingRate: z.number().nullable(),
});

/** Reads lines until they end. Several files may follow each other: each brings its own header. */
export async function importLines(
  db: Database,
  lines: AsyncIterable<string>,
  options: { now: number; retentionDays: number; onProgress?: (report: ImportReport) => void },
): Promise<ImportReport> {
  const report: ImportReport = { lines: 0, samples: 0, inserted: 0, refused: 0, faults: [] };
  const parse = createLineParser();
  const oldest = options.now - options.retentionDays * DAY_MS;
  let batch: Sample[] = [];
  const refuse = (fault: string): void => {
    report.refused += 1;
    if (report.faults.length < FAULTS_NAMED) report.faults.push(`line ${report.lines}: ${fault}`);
  };
  for await (const line of lines) {
    report.lines += 1;
    const parsed = parse(line);
    if (parsed === null) continue;
    if (typeof parsed === 'string') refuse(parsed);
    else if (parsed.ts < oldest) refuse(`is older than the ${options.retentionDays} days that are kept`);
    else if (parsed.ts > options.now) refuse('lies in the future');
    else batch.push(parsed);
    if (batch.length < BATCH) continue;
    await storeBatch(db, batch, report);
    batch = [];
    options.onProgress?.(report);
  }
  if (batch.length > 0) await storeBatch(db, batch, report);
  return report;
}

/** A sample, a fault, or `null` for a line that is neither: headers, counts, blank lines. */
function createLineParser(): (line: string) => Sample | string | null {
  let columns: string[] | null = null;
  return (line) => {
    if (line === '' || line.startsWith('#') || line.startsWith('{"samples":')) return null;
    if (line.startsWith('{')) return parseWith(OwnJsonLine, parseJson(line) ?? null);
    const cells = line.replace(/\r$/, '').split(',');
    if (cells.includes('symbol')) {
      columns = cells;
      return null;
    }
    if (columns === null) return 'comes before any header; the first line of a CSV file names its columns';
    const names = columns;
    const record = Object.fromEntries(cells.map((cell, i) => [names[i] ?? '', cell]));
    return parseWith(names.includes('create_time') ? MetricsLine : OwnCsvLine, record);
  };
}

function parseWith(schema: z.ZodType<Sample>, value: unknown): Sample | string {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  return `${issue.path.join('.') || 'the line'}: ${issue.message}`;
}

/** Symbols without a newest sample do not get one from an import, so they do not enter a board. */
async function storeBatch(db: Database, batch: readonly Sample[], report: ImportReport): Promise<void> {
  const samples = distinctSamples(batch);
  const days = [...new Set(samples.map((it) => it.ts - (it.ts % DAY_MS)))];
  for (let i = 0; i < days.length; i += MAX_DAYS_AT_ONCE)
    await makeDays(db, days.slice(i, i + MAX_DAYS_AT_ONCE));
  const { inserted } = await insertSamples(db, samples, new Set(samples));
  report.samples += samples.length;
  report.inserted += inserted;
}
