import type { Registry } from 'prom-client';
import { metricsOf } from '../../kit/metrics.ts';
import type { DeliveryTotals } from './channels.repository.ts';

export type DeliveryMetrics = ReturnType<typeof createDeliveryMetrics>;

/** Gauges are of the whole database, so each node reports the same. */
export function createDeliveryMetrics(registry: Registry) {
  const { counter, gauge, histogram } = metricsOf(registry);
  const waiting = gauge('oi_deliveries_waiting', 'Deliveries of alerts that wait to be sent');
  const oldest = gauge(
    'oi_deliveries_oldest_waiting_seconds',
    'Age of the oldest delivery that waits; 0: none waits',
  );
  const failing = gauge('oi_deliveries_failing_channels', 'Channels whose last attempt failed');
  const off = gauge('oi_deliveries_off_channels', 'Channels that the sender has switched off');
  return {
    attempts: counter(
      'oi_deliveries_attempts_total',
      'Requests to receivers by kind of channel and by what became of them',
      ['kind', 'result'],
    ),
    seconds: histogram(
      'oi_deliveries_attempt_duration_seconds',
      'Duration of a request to a receiver',
      [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    ),
    setTotals(totals: DeliveryTotals): void {
      waiting.set(totals.waiting);
      oldest.set((totals.oldestWaitingMs ?? 0) / 1_000);
      failing.set(totals.failingChannels);
      off.set(totals.offChannels);
    },
  };
}
