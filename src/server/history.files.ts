import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { systemClock } from '../kit/clock.ts';
import { ExplainedError } from '../kit/errors.ts';
import { formatCount } from '../kit/format.shared.ts';
import { UsageError } from '../kit/program.ts';
import type { Database } from '../platform/database/database.ts';
import { encodeExport, ExportFormat } from '../openInterest/history/exportFormats.ts';
import { importLines } from '../openInterest/history/importFile.ts';
import { SymbolName, Time } from '../openInterest/history/query.ts';
import type { StoredSample } from '../openInterest/history/samples.repository.ts';
import { listSymbols, streamHistory } from '../openInterest/history/symbols.ts';
import { say, showProgress, type HistorySettings } from './history.commands.ts';

/** The commands of `npm run history` that write and read files. */

export type GivenWords = {
  files: readonly string[];
  symbol?: string[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  format?: string | undefined;
};

const Wanted = z.object({
  files: z.array(z.string()).max(1, 'name one file, or none for stdout'),
  symbol: z.array(SymbolName).optional(),
  from: Time.default(0),
  to: Time.optional(),
  format: ExportFormat.default('csv'),
});

export async function exportCommand(
  db: Database,
  _settings: HistorySettings,
  given: GivenWords,
): Promise<void> {
  const parsed = Wanted.safeParse(given);
  if (!parsed.success) {
    throw new UsageError(parsed.error.issues.map((it) => `${it.path.join(' ')}: ${it.message}`).join('\n'));
  }
  const { files, symbol, from, to = systemClock.now() + 1, format } = parsed.data;
  let samples = 0;
  async function* counted(): AsyncGenerator<StoredSample[]> {
    // Rows that ingest has not written may be stored under another spelling than ingest's.
    const symbols = symbol
      ? new Set([...(given.symbol ?? []), ...symbol])
      : await listSymbols(db, { from, to });
    for await (const batch of streamHistory(db, { symbols: [...symbols], from, to })) {
      samples += batch.length;
      yield batch;
      showProgress(`${batch[0]?.symbol}: ${formatCount(samples)} samples`);
    }
  }
  const encoded = Readable.from(encodeExport(format, counted()), { highWaterMark: 2 });
  const [file] = files;
  if (file !== undefined) await pipeline(encoded, createWriteStream(file));
  else await writeToStdout(encoded);
  showProgress('');
  if (file !== undefined) say(`${formatCount(samples)} samples in ${file}`);
}

/** Ends with the samples and leaves stdout open, which is no file of ours. */
async function writeToStdout(chunks: Readable): Promise<void> {
  for await (const chunk of chunks as AsyncIterable<string | Uint8Array>) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

export async function importCommand(
  db: Database,
  settings: HistorySettings,
  { files }: GivenWords,
): Promise<void> {
  if (files.length === 0) throw new UsageError('import: name the files to read, or - for stdin');
  let refused = 0;
  for (const file of files) {
    const input = file === '-' ? process.stdin : createReadStream(file);
    const report = await importLines(db, createInterface({ input, crlfDelay: Infinity }), {
      now: systemClock.now(),
      retentionDays: settings.OI_RETENTION_DAYS,
      onProgress: ({ samples, lines }) =>
        showProgress(`${file}: ${formatCount(lines)} lines, ${formatCount(samples)} samples`),
    });
    showProgress('');
    refused += report.refused;
    for (const fault of report.faults) say(`${file} ${fault}`);
    const known = report.samples - report.inserted;
    say(
      `${file}: ${formatCount(report.inserted)} samples stored, ${formatCount(known)} stored already, ${formatCount(report.refused)} refused`,
    );
  }
  if (refused > 0) throw new ExplainedError(`${formatCount(refused)} lines were refused`);
}
