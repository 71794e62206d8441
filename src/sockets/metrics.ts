import type { Registry } from 'prom-client';
import { metricsOf } from '../kit/metrics.ts';

export type SocketMetrics = ReturnType<typeof createSocketMetrics>;

export function createSocketMetrics(registry: Registry) {
  const { counter, gauge } = metricsOf(registry);
  return {
    connected: gauge('oi_ws_connected', 'Connected sockets by audience', ['audience']),
    closed: counter('oi_ws_closed_total', 'Sockets closed by the server', ['reason']),
    streamsConnected: gauge('oi_streams_connected', 'Open event streams by audience', ['audience']),
    streamsClosed: counter('oi_streams_closed_total', 'Event streams closed by the server', ['reason']),
    bufferedMax: gauge('oi_ws_buffer_max_bytes', 'Bytes buffered for the slowest client'),
    refused: counter('oi_ws_refused_total', 'Handshakes refused'),
    alertsLeftOut: counter(
      'oi_ws_alerts_left_out_total',
      'Alerts not pushed because too many were queued; the alert list has them',
    ),
    syncs: counter('oi_ws_syncs_total', 'Sync requests'),
  };
}
