import type { Clock } from '../kit/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import { createRateBuckets } from '../kit/rateBuckets.ts';
import type { SocketTrafficView } from '../openInterest/operator/debug/debug.types.ts';
import type { Connection } from './connections.ts';

/** What goes out to clients and what becomes of them, counted for the operator's page. */
export type SocketTraffic = {
  /** Counts what is sent on the connection from here on. */
  watch(connection: Connection): void;
  count(event: 'sync' | 'slow' | 'flood' | 'refused', times?: number): void;
  describe(): Omit<SocketTrafficView, 'clients'>;
};

const BUCKET_MS = 5 * SECOND_MS;
/** Five minutes of them. */
const BUCKETS = 60;
const RATE_MS = MINUTE_MS;

export function createSocketTraffic(clock: Clock): SocketTraffic {
  const totals = { sync: 0, slow: 0, flood: 0, refused: 0 };
  const recent = createRateBuckets({
    fields: ['messages', 'bytes', 'syncs'],
    bucketMs: BUCKET_MS,
    buckets: BUCKETS,
  });

  /** The current bucket and those before it, `spanMs` in all. */
  function totalOver(spanMs: number) {
    const now = clock.now();
    return recent.totalBetween(now - spanMs + BUCKET_MS, now);
  }

  return {
    watch(connection) {
      connection.on('packetCreate', (packet: { type: string; data?: unknown }) => {
        if (packet.type !== 'message') return;
        // Characters: counting bytes would read every message once more for every client, and nearly all are ASCII.
        const bytes = typeof packet.data === 'string' ? packet.data.length : 0;
        recent.add(clock.now(), { messages: 1, bytes });
      });
    },
    count(event, times = 1) {
      totals[event] += times;
      if (event === 'sync') recent.add(clock.now(), { syncs: times });
    },
    describe() {
      const { messages, bytes } = totalOver(RATE_MS);
      return {
        messagesPerSec: (messages * SECOND_MS) / RATE_MS,
        bytesPerSec: (bytes * SECOND_MS) / RATE_MS,
        syncs: totals.sync,
        syncsLast5Min: totalOver(5 * MINUTE_MS).syncs,
        slowDropped: totals.slow,
        floodDropped: totals.flood,
        refused: totals.refused,
      };
    },
  };
}
