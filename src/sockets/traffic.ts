import type { Clock } from '../kit/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import { createRateBuckets } from '../kit/rateBuckets.ts';
import type { SocketTrafficView } from '../openInterest/board/publisher.types.ts';
import { bytesOf, type WriteOptions } from './broadcast/writeFrame.ts';
import type { Connection } from './connections.ts';

const BUCKET_MS = 5 * SECOND_MS;
/** Five minutes. */
const BUCKETS = 60;
const RATE_MS = MINUTE_MS;

/** What the engine is about to send: a broadcast as a frame too, which may be deflated. */
type Packet = { type: string; data?: unknown; options?: WriteOptions };

export type SocketTraffic = ReturnType<typeof createSocketTraffic>;

/** Counts what is sent to clients and which connections are closed or refused, for the operator's page. */
export function createSocketTraffic(clock: Clock) {
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

  function countSent(bytes: number): void {
    const counts = recent.countsAt(clock.now());
    counts.messages += 1;
    counts.bytes += bytes;
  }

  function countPacket({ type, data, options }: Packet): void {
    if (type !== 'message') return;
    // Characters, which are nearly always ASCII: counting bytes would read each message again for every client.
    const characters = typeof data === 'string' ? data.length : 0;
    countSent(options?.wsPreEncodedFrame ? bytesOf(options.wsPreEncodedFrame) : characters);
  }

  return {
    /** Counts a message to one client that the engine does not send. */
    countSent,
    /** Counts what the engine sends on the connection from now on. */
    watch: (connection: Connection): void => void connection.on('packetCreate', countPacket),
    count(event: keyof typeof totals, times = 1): void {
      totals[event] += times;
      if (event === 'sync') recent.add(clock.now(), { syncs: times });
    },
    describe(): Omit<SocketTrafficView, 'clients'> {
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
