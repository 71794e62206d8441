import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DAY_MS, HOUR_MS, MINUTE_MS, systemClock } from '../../src/kit/clock.ts';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { createThrottle } from '../../src/openInterest/history/throttle.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import { readBuckets } from '../../src/openInterest/history/tiers.ts';
import type { Database } from '../../src/platform/database/database.ts';
import { aSample, symbolNames } from '../../test/support/builders.ts';
import { median } from '../figures.ts';

const PROGRAM = fileURLToPath(new URL('../../src/server/history.ts', import.meta.url));

export type Times = { p50: number; p99: number };

const WARMING_RUNS = 60;

type Run = (i: number) => Promise<unknown>;

/** Milliseconds of `run`, `count` times, after some that warm up. */
export async function timeOf(count: number, run: Run): Promise<Times> {
  const [times] = await timeInTurns(count, [run]);
  return times!;
}

/** Of several: each run of one is followed by a run of the next, so that what else the machine does meets all of them. */
export async function timeInTurns(count: number, runs: readonly Run[]): Promise<Times[]> {
  const contestants = runs.map((run) => ({ run, times: [] as number[] }));
  for (let i = -WARMING_RUNS; i < count; i += 1) {
    for (const { run, times } of i % 2 === 0 ? contestants : contestants.toReversed()) {
      const startedAt = performance.now();
      await run(i + WARMING_RUNS);
      if (i >= 0) times.push(performance.now() - startedAt);
    }
  }
  return contestants.map(({ times }) => spread(times));
}

export function spread(times: readonly number[]): Times {
  return {
    p50: median(times),
    p99: times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? NaN,
  };
}

/** One symbol after the other: 24 h at 1 min and at 5 min, and 30 d at 1 h, which end at `to`. */
export const readDayByMinute = (db: Database, symbols: readonly string[], to: number) => (i: number) =>
  readBuckets(db, { symbol: symbols[i % symbols.length]!, from: to - DAY_MS, to, bucketMs: MINUTE_MS });
export const readDayByFive = (db: Database, symbols: readonly string[], to: number) => (i: number) =>
  readBuckets(db, { symbol: symbols[i % symbols.length]!, from: to - DAY_MS, to, bucketMs: 5 * MINUTE_MS });
export const readMonthByHour = (db: Database, symbols: readonly string[], to: number) => (i: number) =>
  readBuckets(db, { symbol: symbols[i % symbols.length]!, from: to - 30 * DAY_MS, to, bucketMs: HOUR_MS });

/** Compacts everything before `before` at the pace of a server: how long it took, and the CPU time of this process. */
export async function measureCompaction(
  db: Database,
  before: number,
): Promise<{ sec: number; cpuSec: number }> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const { signal } = new AbortController();
  const { faults } = await compactDays({ db, signal, onMoved: createThrottle(systemClock, signal) }, before);
  if (faults.length > 0) throw faults[0]!.err;
  const { user, system } = process.cpuUsage(cpu);
  return { sec: (performance.now() - startedAt) / 1_000, cpuSec: (user + system) / 1e6 };
}

/** Chunks of 100 samples, ten a second, until `until` settles: how long each took to commit. */
export async function measureIngest(db: Database, now: number, until: Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  let isOver = false;
  void until.finally(() => (isOver = true));
  for (let chunk = 0; !isOver; chunk += 1) {
    const startedAt = performance.now();
    const ts = now - HOUR_MS + chunk;
    await insertSamples(
      db,
      symbolNames(100).map((symbol) => aSample({ symbol, ts })),
    );
    times.push(performance.now() - startedAt);
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
  return spread(times);
}

/** Peak memory of the export of these symbols as CSV, above that of a command that reads next to nothing; Linux only. */
export async function measureExportMb(
  url: string,
  { symbols, from, to }: { symbols: readonly string[]; from: number; to: number },
): Promise<number> {
  const range = ['--from', new Date(from).toISOString(), '--to', new Date(to).toISOString()];
  const wanted = [...symbols.flatMap((it) => ['--symbol', it]), ...range];
  const idle = await peakMb(url, ['info']);
  return (await peakMb(url, ['export', ...wanted])) - idle;
}

async function peakMb(url: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  let peak = 0;
  const ended = once(child, 'exit');
  const timer = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => (peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))),
      () => undefined,
    );
  }, 20);
  const [code] = (await ended) as [number];
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
  return peak / 1_024;
}
