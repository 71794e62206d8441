import { Counter, Gauge, type Registry } from 'prom-client';

export type SocketMetrics = ReturnType<typeof createSocketMetrics>;

/** Labels are closed lists: their number grows with nothing that a client can send. */
export function createSocketMetrics(registry: Registry) {
  const registers = [registry];
  return {
    connected: new Gauge({
      name: 'oi_ws_connected',
      help: 'Connected sockets by what they are sent',
      labelNames: ['audience'] as const,
      registers,
    }),
    closed: new Counter({
      name: 'oi_ws_closed_total',
      help: 'Sockets closed by the server',
      labelNames: ['reason'] as const,
      registers,
    }),
    bufferedMax: new Gauge({
      name: 'oi_ws_buffer_max_bytes',
      help: 'What waits for the slowest client',
      registers,
    }),
    refused: new Counter({ name: 'oi_ws_refused_total', help: 'Handshakes refused', registers }),
    alertsLeftOut: new Counter({
      name: 'oi_ws_alerts_left_out_total',
      help: 'Alerts that were not pushed because too many waited; the list has them',
      registers,
    }),
    syncs: new Counter({
      name: 'oi_ws_syncs_total',
      help: 'Positions asked to be brought up to date',
      registers,
    }),
  };
}
