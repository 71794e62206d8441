import type { Registry } from 'prom-client';
import { metricsOf } from '../../../kit/metrics.ts';
import { createRuleMetrics } from './ruleMetrics.ts';

export function createOpenInterestMetrics(registry: Registry) {
  const { counter, gauge, histogram } = metricsOf(registry);
  return {
    chunks: counter('oi_ingest_chunks_total', 'Chunks by the status they were answered with', ['status']),
    samples: counter(
      'oi_ingest_samples_total',
      'Samples by what became of them: received = inserted + duplicate + rejected for answered chunks',
      ['result'],
    ),
    refusals: counter('oi_ingest_refusals_total', 'Refused items by reason', ['code']),
    ingestSeconds: histogram(
      'oi_ingest_duration_seconds',
      'From the head of the request to the committed answer',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    ),
    symbols: gauge('oi_board_symbols', 'Symbols on the board'),
    oldestAgeSeconds: gauge(
      'oi_oldest_age_seconds',
      'Age of the oldest sample of the liquid universe on the board',
    ),
    updates: counter('oi_broadcast_updates_total', 'Published windows'),
    alerts: counter('oi_alerts_total', 'Alerts by what became of them', ['result']),
    historyBytes: gauge('oi_history_bytes', 'Bytes of history on disk by tier: hot rows, cold hour blocks', [
      'tier',
    ]),
    historyDays: gauge(
      'oi_history_days',
      'Days of history by tier; backlog: days that wait to be compacted',
      ['tier'],
    ),
    historyCompactedAt: gauge(
      'oi_history_compacted_timestamp_seconds',
      'When samples were last moved into hour blocks, epoch seconds; 0: never',
    ),
    historyFaults: counter(
      'oi_history_compaction_faults_total',
      'Days of a symbol that could not be compacted and stay as rows',
    ),
    rules: createRuleMetrics(registry),
    mirrorFailures: counter('oi_redis_mirror_failures_total', 'Writes to the Redis copy that failed'),
  };
}

export type OpenInterestMetrics = ReturnType<typeof createOpenInterestMetrics>;
