import { Counter, Gauge, type Registry } from 'prom-client';

/** Of the node that evaluates the alert rules. */
export function createRuleMetrics(registry: Registry) {
  const registers = [registry];
  return {
    held: new Gauge({
      name: 'oi_rules_held',
      help: 'Enabled alert rules that this node evaluates; 0: another node does, or there are none',
      registers,
    }),
    rows: new Counter({
      name: 'oi_rules_rows_total',
      help: 'Published rows that were evaluated',
      registers,
    }),
    leftOut: new Counter({
      name: 'oi_rules_rows_left_out_total',
      help: 'Published rows that were not evaluated because too many waited',
      registers,
    }),
    busySeconds: new Counter({
      name: 'oi_rules_busy_seconds_total',
      help: 'Time of the event loop that the evaluation of alert rules took',
      registers,
    }),
    firings: new Counter({
      name: 'oi_rules_firings_total',
      help: 'Crossings of alert rules by what became of them: fired, quiet (not sent to channels), held_back by the cooldown',
      labelNames: ['result'] as const,
      registers,
    }),
  };
}
