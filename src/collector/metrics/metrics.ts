import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { registerBuildInfo } from '../../kit/buildInfo.ts';
import { describe, type CollectorFacts } from '../heartbeat/heartbeat.ts';

const STATES = ['up', 'slow', 'down', 'paused'] as const;

/**
 * The same facts as a heartbeat's, for Prometheus. Labels are closed lists: tasks, states and statuses. A collector that asks
 * no exchange or posts nothing has no series of it.
 */
export function createCollectorRegistry(options: {
  version: string;
  gather: () => CollectorFacts;
  now: () => number;
}): Registry {
  const { version, gather, now } = options;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  registerBuildInfo(registry, 'collector', version);
  const gauge = (name: string, help: string) => new Gauge({ name: `oi_collector_${name}`, help, registers });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `oi_collector_${name}`, help, labelNames, registers });

  const taskState = new Gauge({
    name: 'oi_collector_task_state',
    help: '1 for the state that a task is in, 0 for the others',
    labelNames: ['task', 'state'] as const,
    registers,
    // One look at the facts a scrape fills every metric here.
    collect: refresh,
  });
  const lastRun = new Gauge({
    name: 'oi_collector_task_last_run_timestamp_seconds',
    help: 'When a task last ran',
    labelNames: ['task'] as const,
    registers,
  });
  const weightUsed = gauge(
    'request_weight_used',
    'Request weight used in the running minute, by all of this address',
  );
  const weightLimit = gauge('request_weight_limit', 'Request weight a minute that the exchange allows');
  const throttled = counter('throttled_total', 'Answers of the exchange by refusing status', ['status']);
  const bannedUntil = gauge(
    'ban_end_timestamp_seconds',
    'When the last ban by the exchange ends; 0: none known',
  );
  const spoolChunks = gauge(
    'spool_chunks',
    'Chunks that have waited for the server longer than five seconds',
  );
  const spoolBytes = gauge('spool_bytes', 'Size of what waits for the server');
  const spoolAge = gauge('spool_oldest_age_seconds', 'Age of the oldest sample that waits for the server');
  const dropped = counter(
    'spool_dropped_total',
    'Samples dropped because the spool was full or they were too old',
  );
  const dead = counter('spool_dead_letters_total', 'Samples that the server refuses for good');

  function refresh(): void {
    const { jobs = [], weight, bannedUntil: until, spool } = describe(gather(), now());
    for (const { name: task, state, lastRunAt } of jobs) {
      for (const it of STATES) taskState.set({ task, state: it }, it === state ? 1 : 0);
      if (lastRunAt != null) lastRun.set({ task }, lastRunAt / 1_000);
    }
    if (weight) {
      weightUsed.set(weight.used);
      weightLimit.set(weight.limit);
      raiseTo(throttled, weight.status429 ?? 0, { status: '429' });
      raiseTo(throttled, weight.status418 ?? 0, { status: '418' });
      bannedUntil.set((until ?? 0) / 1_000);
    }
    if (spool) {
      spoolChunks.set(spool.chunks);
      spoolBytes.set(spool.bytes);
      spoolAge.set(spool.oldestAgeSec ?? 0);
      raiseTo(dropped, spool.dropped);
      raiseTo(dead, spool.deadLetters ?? 0);
    }
  }
  return registry;
}

/** These are counted elsewhere; a counter of the library can only be set by starting over. */
function raiseTo(counter: Counter, value: number, labels: Record<string, string> = {}): void {
  counter.remove(labels);
  counter.inc(labels, value);
}
