import type { Audience, Publisher } from '../openInterest/board/publisher.types.ts';
import type { Clock } from '../kit/clock.ts';
import { createAlertPace } from './alertPace.ts';
import type { SocketMetrics } from './metrics.ts';
import { ALERTS_ROOM, audienceRoom, subjectRoom } from './rooms.ts';
import type { OpenInterestServer } from './sockets.context.ts';
import type { SocketTraffic } from './traffic.ts';

/**
 * Emits all open interest. An emit to a room encodes the message once for all its sockets, and an audience without sockets
 * is skipped.
 */
export function createSocketPublisher(options: {
  io: OpenInterestServer;
  traffic: SocketTraffic;
  clock: Clock;
  metrics: Pick<SocketMetrics, 'alertsLeftOut'>;
}): Publisher {
  const { io, traffic, clock, metrics } = options;
  const sendAlert = createAlertPace({
    clock,
    send: (alert) => io.local.to(ALERTS_ROOM).emit('open-interest-alert', alert),
    onDrop: () => metrics.alertsLeftOut.inc(),
  });

  function size(audience: Audience): number {
    return io.of('/').adapter.rooms.get(audienceRoom(audience))?.size ?? 0;
  }

  return {
    update(audience, update) {
      if (size(audience) > 0) io.local.to(audienceRoom(audience)).emit('open-interest-update', update);
    },
    alert: sendAlert,
    firing: ({ userId, firing }) => {
      io.local.to(subjectRoom(userId)).emit('alert-rule-fired', firing);
    },
    pulse(audience, pulse) {
      if (size(audience) > 0) io.local.to(audienceRoom(audience)).emit('open-interest-pulse', pulse);
    },
    audienceSizes: () => ({
      realtime: size('realtime'),
      snapshot: size('snapshot'),
      snapshotAll: size('snapshotAll'),
    }),
    traffic: traffic.describe,
  };
}
