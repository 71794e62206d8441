import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { z } from 'zod';
import type { StoredSample } from './samples.repository.ts';

/** Samples as files. The end of each format proves that a file is complete: the number of samples, or Parquet's footer. */

export const ExportFormat = z.enum(['csv', 'ndjson', 'parquet'], { error: 'must be csv, ndjson or parquet' });
export type ExportFormat = z.infer<typeof ExportFormat>;

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** Lines that are handed on together, and rows of one group of a Parquet file: what is held in memory. */
const LINES_AT_ONCE = 1_000;
const ROWS_IN_A_GROUP = 50_000;

type Batches = AsyncIterable<readonly StoredSample[]>;

export function encodeExport(format: ExportFormat, batches: Batches): AsyncGenerator<string | Uint8Array> {
  if (format === 'parquet') return encodeParquet(batches);
  return format === 'csv'
    ? encodeLines(batches, CSV_HEAD, toCsv, (count) => `# ${count} samples\n`)
    : encodeLines(batches, '', toJson, (count) => `{"samples":${count}}\n`);
}

async function* encodeLines(
  batches: Batches,
  head: string,
  encode: (sample: StoredSample) => string,
  trailer: (count: number) => string,
): AsyncGenerator<string> {
  let count = 0;
  if (head !== '') yield head;
  for await (const samples of batches) {
    for (let first = 0; first < samples.length; first += LINES_AT_ONCE) {
      yield samples
        .slice(first, first + LINES_AT_ONCE)
        .map(encode)
        .join('');
    }
    count += samples.length;
  }
  yield trailer(count);
}

/** Names, sources and ISO times have no comma and no quote; unknown is empty. */
function toCsv(it: StoredSample): string {
  const values = [it.openInterest, it.openInterestUsd, it.markPrice, it.fundingRate];
  const times = [it.ts, it.createdAt].map((epochMs) => new Date(epochMs).toISOString());
  return `${it.symbol},${times[0]},${it.source},${values.map((value) => value ?? '').join(',')},${times[1]}\n`;
}

function toJson({ ts, createdAt, ...sample }: StoredSample): string {
  const times = { ts: new Date(ts).toISOString(), createdAt: new Date(createdAt).toISOString() };
  return `${JSON.stringify({ ...sample, ...times })}\n`;
}

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
const time = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' } as const;
const real = { type: 'DOUBLE', repetition_type: 'OPTIONAL' } as const;

type Column = SchemaElement & { valueOf: (sample: StoredSample) => unknown };

/** The columns of CSV and Parquet, each with its type in Parquet. */
const COLUMNS: readonly Column[] = [
  { name: 'symbol', ...text, valueOf: (it) => it.symbol },
  { name: 'ts', ...time, valueOf: (it) => new Date(it.ts) },
  { name: 'source', ...text, valueOf: (it) => it.source },
  { name: 'open_interest', ...real, repetition_type: 'REQUIRED', valueOf: (it) => it.openInterest },
  { name: 'open_interest_usd', ...real, valueOf: (it) => it.openInterestUsd },
  { name: 'mark_price', ...real, valueOf: (it) => it.markPrice },
  { name: 'funding_rate', ...real, valueOf: (it) => it.fundingRate },
  { name: 'created_at', ...time, valueOf: (it) => new Date(it.createdAt) },
];
const CSV_HEAD = `${COLUMNS.map((it) => it.name).join(',')}\n`;
const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: COLUMNS.length },
  ...COLUMNS.map(({ valueOf: _valueOf, ...element }) => element),
];

async function* encodeParquet(batches: Batches): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: PARQUET_SCHEMA });
  let group: StoredSample[] = [];

  /** What was written since the last call. The writer's `offset` goes on, its buffer begins again. */
  function drain(): Uint8Array {
    const written = bytes.getBytes().slice();
    bytes.index = 0;
    return written;
  }

  for await (const samples of batches) {
    group.push(...samples);
    if (group.length < ROWS_IN_A_GROUP) continue;
    await writer.write({ columnData: toColumns(group), rowGroupSize: group.length });
    group = [];
    yield drain();
  }
  if (group.length > 0) await writer.write({ columnData: toColumns(group), rowGroupSize: group.length });
  await writer.finish();
  yield drain();
}

function toColumns(samples: readonly StoredSample[]) {
  return COLUMNS.map(({ name, valueOf }) => ({ name, data: samples.map(valueOf) }));
}
