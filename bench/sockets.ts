import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '../src/kit/clock.ts';
import { startChild, type Child } from './children.ts';
import type { Collected, DashboardOptions, Storm } from './sockets/generator.ts';

/**
 * As many dashboards as a node is expected to carry, half of them Pro, with the cadence of the live feed, while a tenth of the
 * Pro stops reading; then all connections are lost at once. The dashboards are in processes of their own.
 */
const SECRET = 'a secret of the benchmark, longer than thirty-two bytes';
const GENERATORS = 3;
const PRO_SHARE = 0.5;
const SLOW_SHARE = 0.1;
/** Handshakes leave garbage and timers. */
const CALM_MS = 6_000;
/** For the last window to arrive. */
const ARRIVE_MS = 3_000;
/** A socket that answers no ping is closed within 20 s. */
const PINGED_MS = 22_000;

type Latency = { windows: number; p50Ms: number; p99Ms: number; maxMs: number };

export type SocketsFigures = {
  sockets: number;
  minutes: number;
  kibPerSocket: number;
  /** How much larger the server is after all the windows, garbage collected. */
  grownMb: number;
  /** From the samples' commit to the frame, of the Pro that read, before any stops and while a tenth does not read. */
  alone: Latency;
  besideSlow: Latency;
  slow: number;
  closed: { pro: number; free: number; slow: number };
  serverCpuShare: number;
  generatorsCpuShare: number;
  storm: { seconds: number; serverCpuSeconds: number; inStep: number; failed: number };
};

export async function measureSockets(options: { sockets: number; minutes: number }): Promise<SocketsFigures> {
  const children: Child[] = [];
  async function start(file: string, arg: string): Promise<Child> {
    const child = await startChild(file, { args: [arg] });
    children.push(child);
    return child;
  }
  try {
    const server = await start('sockets/server.ts', SECRET);
    const before = await server.ask<Weight>({ ask: 'weigh' });
    const each = shareOf(options.sockets);
    const generators = await Promise.all(
      Array.from({ length: GENERATORS }, (_, i) =>
        start('sockets/generator.ts', JSON.stringify(dashboardsOf(server, i, each))),
      ),
    );
    const askAll: AskAll = <Answer>(message: object) =>
      Promise.all(generators.map((it) => it.ask<Answer>(message)));
    await sleep(CALM_MS);
    const after = await server.ask<Weight>({ ask: 'weigh' });
    const sockets = (each.pro + each.slow + each.free) * GENERATORS;

    const alone = await observe(server, askAll, (options.minutes * MINUTE_MS) / 3);
    await askAll({ ask: 'stopReading' });
    const beside = await observe(server, askAll, Math.max(PINGED_MS, (options.minutes * MINUTE_MS * 2) / 3));
    const storm = await observeStorm(server, askAll);
    return {
      sockets,
      minutes: options.minutes,
      kibPerSocket: (after.rssKiB - before.rssKiB) / sockets,
      grownMb: (beside.after.rssKiB - alone.before.rssKiB) / 1_024,
      alone: alone.latency,
      besideSlow: beside.latency,
      slow: each.slow * GENERATORS,
      closed: beside.closed,
      serverCpuShare: beside.serverCpuShare,
      generatorsCpuShare: beside.generatorsCpuShare,
      storm,
    };
  } finally {
    for (const child of children) child.stop();
  }
}

export function describeSockets(figures: SocketsFigures): string[] {
  const latency = ({ windows, p50Ms, p99Ms, maxMs }: Latency) =>
    `${windows} windows, commit to received p50 ${p50Ms} ms, p99 ${p99Ms} ms, most ${maxMs} ms`;
  const { closed, storm } = figures;
  const share = (value: number) => `${Math.round(value * 100)} %`;
  return [
    `${figures.sockets} dashboards, half of them Pro, for ${figures.minutes} minutes: ${figures.kibPerSocket.toFixed(1)} KiB a socket, ${figures.grownMb.toFixed(0)} MB more at the end`,
    `  all read                  ${latency(figures.alone)}`,
    `  ${figures.slow} Pro do not read   ${latency(figures.besideSlow)}`,
    `  cut off: ${closed.slow} of ${figures.slow} that do not read, ${closed.pro} Pro and ${closed.free} Free that do`,
    `  CPU: server ${share(figures.serverCpuShare)} of a core, generators ${share(figures.generatorsCpuShare)}`,
    `  all connections lost: ${storm.inStep} in step after ${storm.seconds.toFixed(1)} s and ${storm.serverCpuSeconds.toFixed(1)} s of CPU of the server, ${storm.failed} failed`,
  ];
}

type AskAll = <Answer>(message: object) => Promise<Answer[]>;
type Weight = { rssKiB: number; cpu: NodeJS.CpuUsage; pro: number };

/** Runs the live feed for so long. */
async function observe(server: Child, askAll: AskAll, ms: number) {
  await askAll({ ask: 'arm' });
  const before = await server.ask<Weight>({ ask: 'weigh' });
  await server.ask({ ask: 'start' });
  await sleep(ms);
  const { committedAt } = await server.ask<{ committedAt: number[] }>({ ask: 'stop' });
  await sleep(ARRIVE_MS);
  const after = await server.ask<Weight>({ ask: 'weigh' });
  const collected = await askAll<Collected>({ ask: 'collect', committedAt });
  const pro = sumOf(collected.map((it) => it.closed.pro));
  const free = sumOf(collected.map((it) => it.closed.free));
  return {
    ...{ before, after },
    latency: latencyOf(committedAt.length, collected),
    // A dashboard that does not read does not see that it was cut off.
    closed: { pro, free, slow: before.pro - after.pro - pro },
    serverCpuShare: cpuMsBetween(before, after) / (ms + ARRIVE_MS),
    generatorsCpuShare: sumOf(collected.map((it) => it.cpuMs)) / (ms + ARRIVE_MS),
  };
}

async function observeStorm(server: Child, askAll: AskAll): Promise<SocketsFigures['storm']> {
  const before = await server.ask<Weight>({ ask: 'weigh' });
  const storms = await askAll<Storm>({ ask: 'storm' });
  const after = await server.ask<Weight>({ ask: 'weigh' });
  const startedAt = Math.min(...storms.map((it) => it.startedAt));
  return {
    seconds: (Math.max(...storms.map((it) => it.lastAt)) - startedAt) / 1e9,
    serverCpuSeconds: cpuMsBetween(before, after) / 1_000,
    inStep: sumOf(storms.map((it) => it.inStep)),
    failed: sumOf(storms.map((it) => it.failed)),
  };
}

function cpuMsBetween(before: Weight, after: Weight): number {
  return (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1_000;
}

function shareOf(sockets: number) {
  const each = Math.floor(sockets / GENERATORS);
  const allPro = Math.round(each * PRO_SHARE);
  const slow = Math.round(allPro * SLOW_SHARE);
  return { pro: allPro - slow, slow, free: each - allPro };
}

function dashboardsOf(server: Child, index: number, each: ReturnType<typeof shareOf>): DashboardOptions {
  return { port: server.port, localAddress: `127.0.0.${index + 2}`, secret: SECRET, ...each };
}

function latencyOf(windows: number, collected: readonly Collected[]): Latency {
  const counts = new Map<number, number>();
  for (const { latencies } of collected)
    for (const [ms, count] of latencies)
      counts.set(ms ?? Infinity, (counts.get(ms ?? Infinity) ?? 0) + count);
  const sorted = [...counts].toSorted(([a], [b]) => a - b);
  const total = sumOf(sorted.map(([, count]) => count));
  const quantile = (q: number) => {
    let seen = 0;
    return sorted.find(([, count]) => (seen += count) >= q * total)?.[0] ?? Infinity;
  };
  return { windows, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1) };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, it) => sum + it, 0);
}
