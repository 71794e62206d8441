import type { BeatCell } from '../debug/debug.types.ts';
import { MAX_COLLECTORS, type StoredHeartbeat } from './heartbeats.repository.ts';
import type { CollectorHeartbeat } from './heartbeat.types.ts';

/**
 * The last sixty beats of each collector and of each of its jobs, the missed ones among them. Kept in memory, since a beat
 * replaces the one before in the database: a node that starts begins with the last beat of each.
 */
export type Beats = {
  /** Beats as they are read; one that is known already changes nothing. */
  observe(stored: readonly StoredHeartbeat[]): void;
  /** Oldest first, up to now: what should have come since the last beat and has not is missed. */
  cellsOf(collector: string, now: number): BeatCell[];
  jobCellsOf(collector: string, job: string, now: number): BeatCell[];
  forget(collector: string): void;
};

type Job = CollectorHeartbeat['jobs'][number];
type History = {
  lastAt: number;
  everyMs: number;
  cells: BeatCell[];
  jobs: Map<string, BeatCell[]>;
};

const KEPT_CELLS = 60;
/** As many jobs as one heartbeat may name; names that came and went are forgotten with the collector. */
const KEPT_JOBS = 32;
const NOTE_CHARACTERS = 120;
/** A beat that comes half an interval late is late; beyond that one is missing. */
const LATENESS = 0.5;

export function createBeats(): Beats {
  const histories = new Map<string, History>();

  function observeOne({ heartbeat, receivedAt }: StoredHeartbeat): void {
    const { collector } = heartbeat;
    const held = histories.get(collector);
    if (held && receivedAt <= held.lastAt) return;
    const history = held ?? {
      lastAt: receivedAt,
      everyMs: 0,
      cells: [],
      jobs: new Map<string, BeatCell[]>(),
    };
    const missed = held ? missedCells(held, receivedAt) : [];
    push(history.cells, [...missed, cellOfBeat(heartbeat, receivedAt)]);
    for (const job of heartbeat.jobs) {
      const cells = history.jobs.get(job.name) ?? [];
      if (cells.length === 0 && history.jobs.size >= KEPT_JOBS) continue;
      history.jobs.set(job.name, cells);
      push(cells, [...missed, cellOfJob(job, receivedAt)]);
    }
    history.lastAt = receivedAt;
    history.everyMs = heartbeat.everySec * 1_000;
    histories.delete(collector);
    histories.set(collector, history);
    if (histories.size > MAX_COLLECTORS) forgetSilentLongest();
  }

  function forgetSilentLongest(): void {
    const [oldest] = [...histories].toSorted(([, a], [, b]) => a.lastAt - b.lastAt);
    if (oldest) histories.delete(oldest[0]);
  }

  function upToNow(cells: readonly BeatCell[], history: History, now: number): BeatCell[] {
    return [...cells, ...missedCells(history, now)].slice(-KEPT_CELLS);
  }

  return {
    forget: (collector) => void histories.delete(collector),
    observe(stored) {
      for (const it of stored) observeOne(it);
    },
    cellsOf(collector, now) {
      const history = histories.get(collector);
      return history ? upToNow(history.cells, history, now) : [];
    },
    jobCellsOf(collector, job, now) {
      const history = histories.get(collector);
      const cells = history?.jobs.get(job);
      return history && cells ? upToNow(cells, history, now) : [];
    },
  };
}

/** One for each beat that was due between the last one and `until`. */
function missedCells({ lastAt, everyMs }: History, until: number): BeatCell[] {
  if (everyMs <= 0) return [];
  const due = Math.max(0, Math.floor((until - lastAt) / everyMs - LATENESS));
  const first = Math.max(1, due - KEPT_CELLS + 1);
  return Array.from({ length: due - first + 1 }, (_, i) => ({
    at: lastAt + (first + i) * everyMs,
    outcome: 'missed' as const,
  }));
}

function push(cells: BeatCell[], more: readonly BeatCell[]): void {
  cells.push(...more);
  if (cells.length > KEPT_CELLS) cells.splice(0, cells.length - KEPT_CELLS);
}

function cellOfBeat({ jobs, bannedUntil }: CollectorHeartbeat, at: number): BeatCell {
  const troubled = jobs.filter((job) => outcomeOf(job) === 'trouble');
  const note = troubled.map((job) => [job.name, job.note ?? job.state].join(': ')).join(', ');
  if (bannedUntil && bannedUntil > at) return { at, outcome: 'trouble', note: 'banned by the exchange' };
  if (troubled.length > 0) return { at, outcome: 'trouble', note: note.slice(0, NOTE_CHARACTERS) };
  const paused = jobs.length > 0 && jobs.every((job) => job.state === 'paused');
  return { at, outcome: paused ? 'paused' : 'ok' };
}

function cellOfJob(job: Job, at: number): BeatCell {
  return {
    at,
    outcome: outcomeOf(job),
    ...(job.ok === undefined ? {} : { ok: job.ok }),
    ...(job.failed === undefined ? {} : { failed: job.failed }),
    ...(job.note ? { note: job.note.slice(0, NOTE_CHARACTERS) } : {}),
  };
}

function outcomeOf(job: Job): BeatCell['outcome'] {
  if (job.state === 'paused') return 'paused';
  return job.state === 'up' ? 'ok' : 'trouble';
}
