import type { Clock } from '../kit/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
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
  const buckets = Array.from({ length: BUCKETS }, () => ({ n: -1, messages: 0, bytes: 0, syncs: 0 }));

  function current() {
    const n = Math.floor(clock.now() / BUCKET_MS);
    const bucket = buckets[n % BUCKETS]!;
    if (bucket.n !== n) Object.assign(bucket, { n, messages: 0, bytes: 0, syncs: 0 });
    return bucket;
  }

  function sumOver(spanMs: number, of: 'messages' | 'bytes' | 'syncs'): number {
    const last = Math.floor(clock.now() / BUCKET_MS);
    const first = last - Math.floor(spanMs / BUCKET_MS) + 1;
    return buckets.reduce((sum, it) => (it.n >= first && it.n <= last ? sum + it[of] : sum), 0);
  }

  return {
    watch(connection) {
      connection.on('packetCreate', (packet: { type: string; data?: unknown }) => {
        if (packet.type !== 'message') return;
        const bucket = current();
        bucket.messages += 1;
        // Characters: counting bytes would read every message once more for every client, and nearly all are ASCII.
        bucket.bytes += typeof packet.data === 'string' ? packet.data.length : 0;
      });
    },
    count(event, times = 1) {
      totals[event] += times;
      if (event === 'sync') current().syncs += times;
    },
    describe: () => ({
      messagesPerSec: (sumOver(RATE_MS, 'messages') * SECOND_MS) / RATE_MS,
      bytesPerSec: (sumOver(RATE_MS, 'bytes') * SECOND_MS) / RATE_MS,
      syncs: totals.sync,
      syncsLast5Min: sumOver(5 * MINUTE_MS, 'syncs'),
      slowDropped: totals.slow,
      floodDropped: totals.flood,
      refused: totals.refused,
    }),
  };
}
