import { BoundedMap } from '../../../kit/boundedMap.ts';
import { DAY_MS, SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Queryable } from '../../../platform/database/postgres.ts';
import type { HeartbeatHistory } from './heartbeatHistory.ts';
import {
  MAX_COLLECTORS,
  deleteHeartbeat,
  selectHeartbeats,
  upsertHeartbeat,
  type StoredHeartbeat,
} from './heartbeats.repository.ts';
import { createDuplicateCollectors } from './duplicateCollectors.ts';
import type { CollectorHeartbeat } from './heartbeat.types.ts';

export type CollectorState = StoredHeartbeat & {
  state: 'up' | 'slow' | 'down';
  ageSec: number;
  /** Two processes report by this name. */
  isDuplicate?: boolean;
};

/** A heartbeat, and its age when it was read: ages are by the database's clock, so this node's clock may be wrong. */
type Known = { stored: StoredHeartbeat; ageMs: number; readAt: number };

/** A collector that is silent for this long is retired, if another one is up. */
const RETIRED_AFTER_MS = DAY_MS;

/** The last heartbeat of each collector: those that this node received, and those in the database. */
export function createHeartbeats(deps: { db: Queryable; clock: Clock; history: HeartbeatHistory }) {
  const { db, clock, history } = deps;
  let read = new Map<string, Known>();
  const received = new BoundedMap<string, Known>(MAX_COLLECTORS);
  const duplicates = createDuplicateCollectors(clock);

  function stateOf({ stored, ageMs, readAt }: Known): CollectorState {
    const ageSec = Math.max(0, ageMs + clock.now() - readAt) / SECOND_MS;
    const { collector, everySec } = stored.heartbeat;
    return { ...stored, ageSec, state: stateAfter(ageSec, everySec), isDuplicate: duplicates.has(collector) };
  }

  function receive(heartbeat: CollectorHeartbeat, receivedAt: number): void {
    duplicates.observe(heartbeat);
    received.set(heartbeat.collector, {
      stored: { heartbeat, receivedAt },
      ageMs: 0,
      readAt: clock.now(),
    });
  }

  /** A heartbeat received here counts where the database has an older one, or none. */
  function lastRead(): CollectorState[] {
    const names = new Set([...read.keys(), ...received.keys()]);
    const states = [...names].flatMap((name) => {
      const candidates = [read.get(name), received.get(name)].filter((it) => it !== undefined).map(stateOf);
      return candidates.toSorted((a, b) => a.ageSec - b.ageSec)[0] ?? [];
    });
    return selectShown(states);
  }

  return {
    /** Stores the heartbeat. Throws when the database does not, and then keeps it in memory only. */
    async record(heartbeat: CollectorHeartbeat): Promise<void> {
      receive(heartbeat, clock.now());
      const receivedAt = await upsertHeartbeat(db, heartbeat);
      receive(heartbeat, receivedAt);
      history.observe([{ heartbeat, receivedAt }]);
    },
    /** Reads those of all nodes from the database. */
    async selectAll(): Promise<CollectorState[]> {
      const rows = await selectHeartbeats(db);
      const readAt = clock.now();
      for (const { heartbeat } of rows) duplicates.observe(heartbeat);
      read = new Map(
        rows.map(({ ageMs, ...stored }) => {
          const name = stored.heartbeat.collector;
          const known = read.get(name);
          return [name, known?.stored.receivedAt === stored.receivedAt ? known : { stored, ageMs, readAt }];
        }),
      );
      history.observe(rows);
      return lastRead();
    },
    /** The result of the last `selectAll` with newer heartbeats of this node, without a query: some seconds old. */
    lastRead,
    /** What this node itself received; `null`: nothing. */
    receivedHere: (): CollectorState[] | null =>
      received.size === 0 ? null : Array.from(received.values(), stateOf),
    /** Removes a collector; false: there was none of that name. */
    async remove(collector: string): Promise<boolean> {
      const removed = await deleteHeartbeat(db, collector);
      const wasReceived = received.delete(collector);
      read.delete(collector);
      history.forget(collector);
      duplicates.forget(collector);
      return removed || wasReceived;
    },
  };
}

export type Heartbeats = ReturnType<typeof createHeartbeats>;

/** The collectors in use, the most recent ones if there are too many, by name. */
function selectShown(states: readonly CollectorState[]): CollectorState[] {
  const isOneUp = states.some((it) => it.state === 'up' && !it.heartbeat.stopping);
  return states
    .filter((it) => !isOneUp || it.ageSec * SECOND_MS <= RETIRED_AFTER_MS)
    .toSorted((a, b) => a.ageSec - b.ageSec)
    .slice(0, MAX_COLLECTORS)
    .toSorted((a, b) => (a.heartbeat.collector < b.heartbeat.collector ? -1 : 1));
}

/** One heartbeat may be late; five missed ones in a row are an outage. */
export function stateAfter(ageSec: number, everySec: number): CollectorState['state'] {
  if (ageSec <= 2 * everySec) return 'up';
  return ageSec <= 5 * everySec ? 'slow' : 'down';
}
