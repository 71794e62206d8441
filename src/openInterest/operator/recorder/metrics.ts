import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createRuleMetrics } from './ruleMetrics.ts';

/** Labels are closed lists: their number grows with nothing that a caller can send. */
export function createOpenInterestMetrics(registry: Registry) {
  const registers = [registry];
  return {
    chunks: new Counter({
      name: 'oi_ingest_chunks_total',
      help: 'Chunks by the status they were answered with',
      labelNames: ['status'] as const,
      registers,
    }),
    samples: new Counter({
      name: 'oi_ingest_samples_total',
      help: 'Samples by what became of them: received = inserted + duplicate + rejected for answered chunks',
      labelNames: ['result'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'oi_ingest_refusals_total',
      help: 'Refused items by reason',
      labelNames: ['code'] as const,
      registers,
    }),
    ingestSeconds: new Histogram({
      name: 'oi_ingest_duration_seconds',
      help: 'From the head of the request to the committed answer',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    symbols: new Gauge({ name: 'oi_board_symbols', help: 'Symbols on the board', registers }),
    oldestAgeSeconds: new Gauge({
      name: 'oi_oldest_age_seconds',
      help: 'Age of the oldest sample of the liquid universe on the board',
      registers,
    }),
    updates: new Counter({ name: 'oi_broadcast_updates_total', help: 'Published windows', registers }),
    alerts: new Counter({
      name: 'oi_alerts_total',
      help: 'Alerts by what became of them',
      labelNames: ['result'] as const,
      registers,
    }),
    historyBytes: new Gauge({
      name: 'oi_history_bytes',
      help: 'Bytes of history on disk by tier: hot rows, cold hour blocks',
      labelNames: ['tier'] as const,
      registers,
    }),
    historyDays: new Gauge({
      name: 'oi_history_days',
      help: 'Days of history by tier; backlog: days that wait to be compacted',
      labelNames: ['tier'] as const,
      registers,
    }),
    historyCompactedAt: new Gauge({
      name: 'oi_history_compacted_timestamp_seconds',
      help: 'When samples were last moved into hour blocks, epoch seconds; 0: never',
      registers,
    }),
    historyFaults: new Counter({
      name: 'oi_history_compaction_faults_total',
      help: 'Days of a symbol that could not be compacted and stay as rows',
      registers,
    }),
    rules: createRuleMetrics(registry),
    mirrorFailures: new Counter({
      name: 'oi_redis_mirror_failures_total',
      help: 'Writes to the Redis copy that failed',
      registers,
    }),
  };
}

export type OpenInterestMetrics = ReturnType<typeof createOpenInterestMetrics>;
