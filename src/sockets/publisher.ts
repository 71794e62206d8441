import type { Audience, Publisher } from '../openInterest/board/publisher.types.ts';
import type { Clock } from '../kit/clock.ts';
import { createAlertThrottle } from './alertThrottle.ts';
import type { SocketMetrics } from './metrics.ts';
import { ALERTS_ROOM, audienceRoom, firingsRoom } from './rooms.ts';
import type { OpenInterestServer } from './sockets.context.ts';
import type { RowEncoding } from './sockets.types.ts';
import type { EventStreams } from './streams/eventStreams.ts';
import type { SocketTraffic } from './traffic.ts';

/**
 * Emits all open interest to sockets and event streams. An emit encodes the message once for all sockets of its rooms; a
 * room without sockets is skipped.
 */
export function createSocketPublisher(options: {
  io: OpenInterestServer;
  streams: EventStreams;
  traffic: SocketTraffic;
  clock: Clock;
  metrics: Pick<SocketMetrics, 'alertsLeftOut'>;
}): Publisher {
  const { io, streams, traffic, clock, metrics } = options;
  const sendAlert = createAlertThrottle({
    clock,
    send(alert) {
      io.local.to(ALERTS_ROOM).emit('open-interest-alert', alert);
      streams.alert(alert);
    },
    onDrop: () => metrics.alertsLeftOut.inc(),
  });

  function roomSize(audience: Audience, encoding: RowEncoding): number {
    return io.of('/').adapter.rooms.get(audienceRoom(audience, encoding))?.size ?? 0;
  }

  function size(audience: Audience): number {
    return roomSize(audience, 'named') + roomSize(audience, 'columns');
  }

  return {
    update(audience, update, frame) {
      if (roomSize(audience, 'named') > 0)
        io.local.to(audienceRoom(audience, 'named')).emit('open-interest-update', update);
      if (roomSize(audience, 'columns') > 0)
        io.local.to(audienceRoom(audience, 'columns')).emit('open-interest-frame', frame());
      streams.update(audience, update);
    },
    alert: sendAlert,
    firing(fired) {
      io.local.to(firingsRoom(fired.userId)).emit('alert-rule-fired', fired.firing);
      streams.firing(fired);
    },
    pulse(audience, pulse) {
      const rooms = [audienceRoom(audience, 'named'), audienceRoom(audience, 'columns')];
      if (size(audience) > 0) io.local.to(rooms).emit('open-interest-pulse', pulse);
      streams.pulse(audience, pulse);
    },
    audienceSizes: () => ({
      realtime: size('realtime') + streams.size('realtime'),
      snapshot: size('snapshot') + streams.size('snapshot'),
      snapshotAll: size('snapshotAll') + streams.size('snapshotAll'),
    }),
    traffic: traffic.describe,
  };
}
