import type { BeatCell } from '../debug/debug.types.ts';
import { MAX_COLLECTORS, type StoredHeartbeat } from './heartbeats.repository.ts';
import type { CollectorHeartbeat, ReportedJob } from './heartbeat.types.ts';

type History = {
  lastAt: number;
  everyMs: number;
  cells: BeatCell[];
  jobs: Map<string, BeatCell[]>;
};

const KEPT_CELLS = 60;
/** As many jobs as one heartbeat may name; jobs are forgotten with their collector. */
const KEPT_JOBS = 32;
const NOTE_CHARACTERS = 120;
/** A heartbeat may be half an interval late; beyond that it is missed. */
const LATENESS = 0.5;

/**
 * The last sixty heartbeats of each collector and of each of its jobs, missed ones included. Kept in memory, because the
 * database has only the last one: a restart begins with that.
 */
export function createHeartbeatHistory() {
  const histories = new Map<string, History>();
  const upToNow = (cells: readonly BeatCell[], history: History, now: number): BeatCell[] =>
    [...cells, ...missedCells(history, now)].slice(-KEPT_CELLS);

  return {
    /** Takes heartbeats as they are read; a known one changes nothing. */
    observe(stored: readonly StoredHeartbeat[]): void {
      for (const it of stored) observeOne(histories, it);
    },
    /** Oldest first, up to now: heartbeats that are due and have not arrived are missed. */
    cellsOf(collector: string, now: number): BeatCell[] {
      const history = histories.get(collector);
      return history ? upToNow(history.cells, history, now) : [];
    },
    jobCellsOf(collector: string, job: string, now: number): BeatCell[] {
      const history = histories.get(collector);
      const cells = history?.jobs.get(job);
      return history && cells ? upToNow(cells, history, now) : [];
    },
    forget: (collector: string): void => void histories.delete(collector),
  };
}

export type HeartbeatHistory = ReturnType<typeof createHeartbeatHistory>;

function observeOne(histories: Map<string, History>, { heartbeat, receivedAt }: StoredHeartbeat): void {
  const { collector } = heartbeat;
  const known = histories.get(collector);
  if (known && receivedAt <= known.lastAt) return;
  const history: History = known ?? { lastAt: receivedAt, everyMs: 0, cells: [], jobs: new Map() };
  const missed = known ? missedCells(known, receivedAt) : [];
  push(history.cells, [...missed, cellOfHeartbeat(heartbeat, receivedAt)]);
  for (const job of heartbeat.jobs) {
    const cells = history.jobs.get(job.name) ?? [];
    if (cells.length === 0 && history.jobs.size >= KEPT_JOBS) continue;
    history.jobs.set(job.name, cells);
    push(cells, [...missed, cellOfJob(job, receivedAt)]);
  }
  history.lastAt = receivedAt;
  history.everyMs = heartbeat.everySec * 1_000;
  histories.set(collector, history);
  if (histories.size > MAX_COLLECTORS) forgetSilentLongest(histories);
}

function forgetSilentLongest(histories: Map<string, History>): void {
  const [oldest] = [...histories].toSorted(([, a], [, b]) => a.lastAt - b.lastAt);
  if (oldest) histories.delete(oldest[0]);
}

/** One for each heartbeat that was due between the last one and `until`. */
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

function cellOfHeartbeat({ jobs, bannedUntil }: CollectorHeartbeat, at: number): BeatCell {
  const troubled = jobs.filter((job) => outcomeOf(job) === 'trouble');
  const note = troubled.map((job) => [job.name, job.note ?? job.state].join(': ')).join(', ');
  if (bannedUntil && bannedUntil > at) return { at, outcome: 'trouble', note: 'banned by the exchange' };
  if (troubled.length > 0) return { at, outcome: 'trouble', note: note.slice(0, NOTE_CHARACTERS) };
  const paused = jobs.length > 0 && jobs.every((job) => job.state === 'paused');
  return { at, outcome: paused ? 'paused' : 'ok' };
}

function cellOfJob(job: ReportedJob, at: number): BeatCell {
  return {
    at,
    outcome: outcomeOf(job),
    ...(job.ok === undefined ? {} : { ok: job.ok }),
    ...(job.failed === undefined ? {} : { failed: job.failed }),
    ...(job.note ? { note: job.note.slice(0, NOTE_CHARACTERS) } : {}),
  };
}

function outcomeOf(job: ReportedJob): BeatCell['outcome'] {
  if (job.state === 'paused') return 'paused';
  return job.state === 'up' ? 'ok' : 'trouble';
}
