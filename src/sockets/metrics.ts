import { Counter, Gauge, type Registry } from 'prom-client';

export type SocketMetrics = ReturnType<typeof createSocketMetrics>;

/** All labels are closed lists, so client input cannot create new series. */
export function createSocketMetrics(registry: Registry) {
  const registers = [registry];
  return {
    connected: new Gauge({
      name: 'oi_ws_connected',
      help: 'Connected sockets by audience',
      labelNames: ['audience'] as const,
      registers,
    }),
    closed: new Counter({
      name: 'oi_ws_closed_total',
      help: 'Sockets closed by the server',
      labelNames: ['reason'] as const,
      registers,
    }),
    streamsConnected: new Gauge({
      name: 'oi_streams_connected',
      help: 'Open event streams by audience',
      labelNames: ['audience'] as const,
      registers,
    }),
    streamsClosed: new Counter({
      name: 'oi_streams_closed_total',
      help: 'Event streams closed by the server',
      labelNames: ['reason'] as const,
      registers,
    }),
    bufferedMax: new Gauge({
      name: 'oi_ws_buffer_max_bytes',
      help: 'Bytes buffered for the slowest client',
      registers,
    }),
    refused: new Counter({ name: 'oi_ws_refused_total', help: 'Handshakes refused', registers }),
    alertsLeftOut: new Counter({
      name: 'oi_ws_alerts_left_out_total',
      help: 'Alerts not pushed because too many were queued; the alert list has them',
      registers,
    }),
    syncs: new Counter({
      name: 'oi_ws_syncs_total',
      help: 'Sync requests',
      registers,
    }),
  };
}
