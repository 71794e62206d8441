import type { Clock } from '../kit/clock.ts';
import type { Queryable } from '../platform/postgres.ts';
import type { Beats } from './openInterest.beats.ts';
import {
  selectHeartbeats,
  upsertHeartbeat,
  type StoredHeartbeat,
} from './openInterest.heartbeats.repository.ts';
import type { CollectorHeartbeat } from './openInterest.heartbeat.types.ts';

/** What collectors say of themselves, the last word of each. */
export type Heartbeats = {
  record(heartbeat: CollectorHeartbeat): Promise<void>;
  /** With what other nodes were told. */
  selectAll(): Promise<CollectorState[]>;
};

export type CollectorState = StoredHeartbeat & {
  state: 'up' | 'slow' | 'down';
  ageSec: number;
};

export function createHeartbeats(options: {
  db: Queryable;
  clock: Clock;
  /** Is told of every beat, also of those that other nodes took. */
  beats: Beats;
}): Heartbeats {
  const { db, clock, beats } = options;
  return {
    async record(heartbeat) {
      beats.observe([{ heartbeat, receivedAt: await upsertHeartbeat(db, heartbeat) }]);
    },
    async selectAll() {
      const stored = await selectHeartbeats(db);
      beats.observe(stored);
      const now = clock.now();
      return stored.map((it) => {
        const ageSec = Math.max(0, (now - it.receivedAt) / 1_000);
        return { ...it, ageSec, state: stateOf(ageSec, it.heartbeat.everySec) };
      });
    },
  };
}

/** A beat may be late once; five missed ones in a row are an outage. */
function stateOf(ageSec: number, everySec: number): CollectorState['state'] {
  if (ageSec <= 2 * everySec) return 'up';
  return ageSec <= 5 * everySec ? 'slow' : 'down';
}
