import { Gauge, type Counter, type Registry } from 'prom-client';
import { createProgramRegistry, metricsOf } from '../../kit/metrics.ts';
import { describe, type CollectorFacts } from '../heartbeat/heartbeat.ts';

const STATES = ['up', 'slow', 'down', 'paused'] as const;

/**
 * The facts of a heartbeat, for Prometheus. Labels are closed lists: tasks, states and statuses. A collector that makes no
 * requests to the exchange, or posts nothing, has no series about it.
 */
export function createCollectorRegistry(options: {
  version: string;
  gather: () => CollectorFacts;
  now: () => number;
}): Registry {
  const { version, gather, now } = options;
  const registry = createProgramRegistry('collector', version);
  // One collection of the facts per scrape sets every metric.
  const metrics = createMetrics(registry, () => refresh(metrics, describe(gather(), now())));
  return registry;
}

function createMetrics(registry: Registry, collect: () => void) {
  const { counter, gauge } = metricsOf(registry);
  return {
    taskState: new Gauge({
      name: 'oi_collector_task_state',
      help: '1 for the state that a task is in, 0 for the others',
      labelNames: ['task', 'state'] as const,
      registers: [registry],
      collect,
    }),
    lastRun: gauge('oi_collector_task_last_run_timestamp_seconds', 'When a task last ran', ['task']),
    weightUsed: gauge(
      'oi_collector_request_weight_used',
      'Request weight used in the running minute, by all of this address',
    ),
    weightLimit: gauge(
      'oi_collector_request_weight_limit',
      'Request weight a minute that the exchange allows',
    ),
    throttled: counter('oi_collector_throttled_total', 'Answers of the exchange by refusing status', [
      'status',
    ]),
    bannedUntil: gauge(
      'oi_collector_ban_end_timestamp_seconds',
      'When the last ban by the exchange ends; 0: none known',
    ),
    spoolChunks: gauge(
      'oi_collector_spool_chunks',
      'Chunks that have waited for the server longer than five seconds',
    ),
    spoolBytes: gauge('oi_collector_spool_bytes', 'Size of what waits for the server'),
    spoolAge: gauge(
      'oi_collector_spool_oldest_age_seconds',
      'Age of the oldest sample that waits for the server',
    ),
    dropped: counter(
      'oi_collector_spool_dropped_total',
      'Samples dropped because the spool was full or they were too old',
    ),
    dead: counter('oi_collector_spool_dead_letters_total', 'Samples that the server refuses for good'),
  };
}

function refresh(metrics: ReturnType<typeof createMetrics>, facts: ReturnType<typeof describe>): void {
  const { jobs = [], weight, bannedUntil, spool } = facts;
  for (const { name: task, state, lastRunAt } of jobs) {
    for (const it of STATES) metrics.taskState.set({ task, state: it }, it === state ? 1 : 0);
    if (lastRunAt != null) metrics.lastRun.set({ task }, lastRunAt / 1_000);
  }
  if (weight) {
    metrics.weightUsed.set(weight.used);
    metrics.weightLimit.set(weight.limit);
    raiseTo(metrics.throttled, weight.status429 ?? 0, { status: '429' });
    raiseTo(metrics.throttled, weight.status418 ?? 0, { status: '418' });
    metrics.bannedUntil.set((bannedUntil ?? 0) / 1_000);
  }
  if (spool) {
    metrics.spoolChunks.set(spool.chunks);
    metrics.spoolBytes.set(spool.bytes);
    metrics.spoolAge.set(spool.oldestAgeSec ?? 0);
    raiseTo(metrics.dropped, spool.dropped);
    raiseTo(metrics.dead, spool.deadLetters ?? 0);
  }
}

/** The counts are kept elsewhere, and a prom-client counter can only be set by starting over. */
function raiseTo(counter: Counter, value: number, labels: Record<string, string> = {}): void {
  counter.remove(labels);
  counter.inc(labels, value);
}
