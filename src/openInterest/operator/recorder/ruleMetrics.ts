import type { Registry } from 'prom-client';
import { metricsOf } from '../../../kit/metrics.ts';

/** Of the node that evaluates the alert rules. */
export function createRuleMetrics(registry: Registry) {
  const { counter, gauge } = metricsOf(registry);
  return {
    held: gauge(
      'oi_rules_held',
      'Enabled alert rules that this node evaluates; 0: another node does, or there are none',
    ),
    rows: counter('oi_rules_rows_total', 'Published rows that were evaluated'),
    leftOut: counter(
      'oi_rules_rows_left_out_total',
      'Published rows that were not evaluated because too many waited',
    ),
    busySeconds: counter(
      'oi_rules_busy_seconds_total',
      'Time of the event loop that the evaluation of alert rules took',
    ),
    firings: counter(
      'oi_rules_firings_total',
      'Crossings of alert rules by what became of them: fired, quiet (not sent to channels), held_back by the cooldown',
      ['result'],
    ),
  };
}
