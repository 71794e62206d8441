import { DAY_MS, SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Queryable } from '../../../platform/database/postgres.ts';
import type { Beats } from './beats.ts';
import {
  MAX_COLLECTORS,
  deleteHeartbeat,
  selectHeartbeats,
  upsertHeartbeat,
  type StoredHeartbeat,
} from './heartbeats.repository.ts';
import { createTwins } from './twins.ts';
import type { CollectorHeartbeat } from './heartbeat.types.ts';

/** What collectors report, the last beat of each. */
export type Heartbeats = {
  /** Keeps the beat in memory even if the database does not take it, and throws then. */
  record(heartbeat: CollectorHeartbeat): Promise<void>;
  /** With the beats that other nodes took. */
  selectAll(): Promise<CollectorState[]>;
  /** The same as it was last read here, without asking the database: some seconds behind. */
  lastRead(): CollectorState[];
  /** What this node itself was sent; `null`: nothing. */
  heardHere(): CollectorState[] | null;
  /** Forgets a collector; false: there was none of that name. */
  remove(collector: string): Promise<boolean>;
};

export type CollectorState = StoredHeartbeat & {
  state: 'up' | 'slow' | 'down';
  ageSec: number;
  /** Two processes report by this name. */
  isDuplicate?: boolean;
};

/** A beat, and its age when it was `learntAt`: ages are by the database's clock, so a node with a wrong one sees them too. */
type Learnt = { stored: StoredHeartbeat; ageMs: number; learntAt: number };

/** A collector that was silent for so long is retired, if another one is up. */
const RETIRED_AFTER_MS = DAY_MS;

export function createHeartbeats(options: {
  db: Queryable;
  clock: Clock;
  /** Gets every beat, also those that other nodes took. */
  beats: Beats;
}): Heartbeats {
  const { db, clock, beats } = options;
  let read = new Map<string, Learnt>();
  const heard = new Map<string, Learnt>();
  const twins = createTwins(clock);

  function stateOf({ stored, ageMs, learntAt }: Learnt): CollectorState {
    const ageSec = Math.max(0, ageMs + clock.now() - learntAt) / SECOND_MS;
    const { collector, everySec } = stored.heartbeat;
    return { ...stored, ageSec, state: wordOf(ageSec, everySec), isDuplicate: twins.has(collector) };
  }

  function hear(heartbeat: CollectorHeartbeat, receivedAt: number): void {
    twins.observe(heartbeat);
    heard.delete(heartbeat.collector);
    heard.set(heartbeat.collector, {
      stored: { heartbeat, receivedAt },
      ageMs: 0,
      learntAt: clock.now(),
    });
    if (heard.size > MAX_COLLECTORS) heard.delete(heard.keys().next().value!);
  }

  /** What was heard here counts where the database has an older beat, or none. */
  function lastRead(): CollectorState[] {
    const names = new Set([...read.keys(), ...heard.keys()]);
    const states = [...names].flatMap((name) => {
      const candidates = [read.get(name), heard.get(name)].filter((it) => it !== undefined).map(stateOf);
      return candidates.toSorted((a, b) => a.ageSec - b.ageSec)[0] ?? [];
    });
    return withoutRetired(states)
      .toSorted((a, b) => a.ageSec - b.ageSec)
      .slice(0, MAX_COLLECTORS)
      .toSorted((a, b) => (a.heartbeat.collector < b.heartbeat.collector ? -1 : 1));
  }

  return {
    async record(heartbeat) {
      hear(heartbeat, clock.now());
      const receivedAt = await upsertHeartbeat(db, heartbeat);
      hear(heartbeat, receivedAt);
      beats.observe([{ heartbeat, receivedAt }]);
    },
    async selectAll() {
      const rows = await selectHeartbeats(db);
      const learntAt = clock.now();
      for (const { heartbeat } of rows) twins.observe(heartbeat);
      read = new Map(
        rows.map(({ ageMs, ...stored }) => {
          const name = stored.heartbeat.collector;
          const known = read.get(name);
          return [name, known?.stored.receivedAt === stored.receivedAt ? known : { stored, ageMs, learntAt }];
        }),
      );
      beats.observe(rows);
      return lastRead();
    },
    lastRead,
    heardHere: () => (heard.size === 0 ? null : [...heard.values()].map(stateOf)),
    async remove(collector) {
      const removed = await deleteHeartbeat(db, collector);
      const wasHeard = heard.delete(collector);
      read.delete(collector);
      beats.forget(collector);
      twins.forget(collector);
      return removed || wasHeard;
    },
  };
}

function withoutRetired(states: readonly CollectorState[]): CollectorState[] {
  const isOneUp = states.some((it) => it.state === 'up' && !it.heartbeat.stopping);
  return states.filter((it) => !isOneUp || it.ageSec * SECOND_MS <= RETIRED_AFTER_MS);
}

/** A beat may be late once; five missed ones in a row are an outage. */
function wordOf(ageSec: number, everySec: number): CollectorState['state'] {
  if (ageSec <= 2 * everySec) return 'up';
  return ageSec <= 5 * everySec ? 'slow' : 'down';
}
