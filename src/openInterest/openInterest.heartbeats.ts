import type { Clock } from '../kit/clock.ts';
import type { Queryable } from '../platform/postgres.ts';
import type { Beats } from './openInterest.beats.ts';
import {
  MAX_COLLECTORS,
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
  /** The same as it was last read here, without asking the database: some seconds behind. */
  lastRead(): CollectorState[];
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
  let read: readonly StoredHeartbeat[] = [];

  function observe(stored: readonly StoredHeartbeat[]): void {
    read = stored;
    beats.observe(stored);
  }

  function lastRead(): CollectorState[] {
    const now = clock.now();
    return read.map((it) => {
      const ageSec = Math.max(0, (now - it.receivedAt) / 1_000);
      return { ...it, ageSec, state: stateOf(ageSec, it.heartbeat.everySec) };
    });
  }

  return {
    async record(heartbeat) {
      const receivedAt = await upsertHeartbeat(db, heartbeat);
      const others = read.filter((it) => it.heartbeat.collector !== heartbeat.collector);
      observe([{ heartbeat, receivedAt }, ...others].slice(0, MAX_COLLECTORS));
    },
    async selectAll() {
      observe(await selectHeartbeats(db));
      return lastRead();
    },
    lastRead,
  };
}

/** A beat may be late once; five missed ones in a row are an outage. */
function stateOf(ageSec: number, everySec: number): CollectorState['state'] {
  if (ageSec <= 2 * everySec) return 'up';
  return ageSec <= 5 * everySec ? 'slow' : 'down';
}
