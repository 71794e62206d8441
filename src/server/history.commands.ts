import { systemClock } from '../kit/clock.ts';
import { ExplainedError } from '../kit/errors.ts';
import { formatCount, formatDecimal } from '../kit/format.shared.ts';
import type { Database } from '../platform/database/database.ts';
import { compactDays } from '../openInterest/history/compaction.ts';
import { hotBefore, selectHistoryTotals } from '../openInterest/history/totals.ts';
import { verifyHours } from '../openInterest/history/verify.ts';
import type { ServerSettings } from './config.ts';

export type HistorySettings = Pick<ServerSettings, 'OI_HOT_DAYS' | 'OI_RETENTION_DAYS'>;

/** The commands of `npm run history`. What they answer goes to stdout, progress to a terminal on stderr. */

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One line that is written over while a command runs; nothing where stderr is no terminal. */
export function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`);
}

export async function compactCommand(db: Database, settings: HistorySettings): Promise<void> {
  let samples = 0;
  let blocks = 0;
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const report = await compactDays(
    {
      db,
      signal: stopping.signal,
      onMoved(moved) {
        samples += moved.samples;
        blocks += moved.blocks;
        showProgress(
          `${moved.day} ${moved.symbol}: ${formatCount(samples)} samples in ${formatCount(blocks)} blocks`,
        );
      },
    },
    hotBeforeNow(settings),
  );
  showProgress('');
  for (const moved of report.days) {
    const rest = moved.dropped ? '' : ', not finished';
    say(`${moved.day}  ${formatCount(moved.samples)} samples in ${formatCount(moved.blocks)} blocks${rest}`);
  }
  for (const { day, symbol, err } of report.faults) say(`${day}  ${symbol} stays as rows: ${err.message}`);
  if (report.isBusy) say('A server compacts at this moment; the rest is left to it.');
  else if (report.days.length === 0 && report.faults.length === 0) {
    say(`Nothing to do: no rows older than ${settings.OI_HOT_DAYS} days (OI_HOT_DAYS).`);
  }
  if (report.faults.length > 0) throw new ExplainedError(`${report.faults.length} faults; see above`);
}

export async function verifyCommand(db: Database): Promise<void> {
  const report = await verifyHours(db, (symbol, { blocks, faults }) =>
    showProgress(`${symbol}: ${formatCount(blocks)} blocks, ${faults.length} faults`),
  );
  showProgress('');
  for (const fault of report.faults) say(fault);
  const sum = `${formatCount(report.samples)} samples in ${formatCount(report.blocks)} blocks`;
  if (report.faults.length > 0) throw new ExplainedError(`${sum}, ${report.faults.length} faults`);
  say(`${sum}, all as written`);
}

export async function infoCommand(db: Database, settings: HistorySettings): Promise<void> {
  const { hot, cold } = await selectHistoryTotals(db, hotBeforeNow(settings));
  const sizeOf = (bytes: number, samples: number): string =>
    `${megabytes(bytes)}${samples > 0 ? `, ${(bytes / samples).toFixed(1)} bytes a sample` : ''}`;
  say(
    `hot   ${hot.days} days${span(hot)}, about ${formatCount(hot.samples)} samples, ${sizeOf(hot.bytes, hot.samples)}`,
  );
  say(
    `cold  ${cold.days} days${span(cold)}, ${formatCount(cold.samples)} samples, ${sizeOf(cold.bytes, cold.samples)}`,
  );
  say(`last compaction ${cold.compactedAt === null ? 'never' : new Date(cold.compactedAt).toISOString()}`);
  say(`backlog ${hot.backlogDays} days older than OI_HOT_DAYS (${settings.OI_HOT_DAYS})`);
}

function hotBeforeNow({ OI_HOT_DAYS: hotDays, OI_RETENTION_DAYS: retentionDays }: HistorySettings): number {
  return hotBefore({ hotDays, retentionDays }, systemClock.now());
}

function span({ oldest, newest }: { oldest: string | null; newest: string | null }): string {
  return oldest === null ? '' : ` (${oldest} to ${newest})`;
}

const megabytes = (bytes: number): string => `${formatDecimal(bytes / 1e6, 1)} MB`;
