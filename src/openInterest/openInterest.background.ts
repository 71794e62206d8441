import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { startLoop } from '../kit/loop.ts';
import type { Database } from '../platform/database/database.ts';
import type { AlertsService } from './alerts/alerts.service.ts';
import type { Board } from './board/board.ts';
import type { Broadcast } from './board/broadcast.ts';
import { createFeedWatch, isExpired } from './board/eviction.ts';
import { deleteHeartbeatsBefore } from './operator/collectors/heartbeats.repository.ts';
import { deleteLatest, deleteLatestBeyond } from './history/latest.repository.ts';
import type { OpenInterestMetrics } from './operator/recorder/metrics.ts';
import { startPartitionLoop } from './history/partitionLoop.ts';
import type { Past } from './board/past.ts';
import type { Publisher } from './board/publisher.types.ts';
import type { Repair } from './cluster/repair.ts';
import type { SnapshotBoards } from './board/snapshotBoards.ts';
import { MAX_SYMBOLS } from './ingest/symbolLimit.ts';
import type { Recorder } from './operator/recorder/recorder.ts';
import type { Sample } from './openInterest.types.ts';
import type { Universe } from './universe/universe.ts';
import { PULSE_MS } from './board/views.ts';

const REPAIR_MS = 10 * SECOND_MS;
/** Rows that one statement deletes well within its time limit. */
const TRIM_BATCH = 10_000;

/**
 * What open interest does by itself: reads again what the bus between nodes may have lost, keeps partitions, lets silent
 * symbols go, takes the picture at each 5-minute mark, and gives a sign of life. Each loop pushes its own end, and none
 * waits for another: a table that is locked delays nobody who does not read it.
 */
export function startBackground(
  deps: {
    upkeep: Database;
    clock: Clock;
    logger: Logger;
    metrics: OpenInterestMetrics;
    board: Board;
    snapshots: SnapshotBoards;
    universe: Universe;
    alerts: AlertsService;
    repair: Repair;
    broadcast: Broadcast;
    publisher: Publisher;
    recorder: Recorder;
    past: Past;
    retentionDays: number;
  },
  releasers: Releasers,
): void {
  const { upkeep, clock, logger, metrics, board, snapshots, universe, broadcast, publisher } = deps;

  function every(name: string, everyMs: number | (() => number), task: () => Promise<void> | void): void {
    const loop = startLoop({
      clock,
      everyMs,
      task: async () => task(),
      onError: (err) => logger.warn({ err, loop: name }, 'background work failed, will be tried again'),
    });
    releasers.push(name, () => loop.stop());
  }

  const feed = createFeedWatch();
  releasers.push('broadcast', broadcast.stop);
  every('universe repair', repairPace, () => universe.load());
  every('board repair', repairPace, () => deps.repair.readChanges());
  every('alert repair', repairPace, () => deps.alerts.repair());
  startPartitionLoop({ db: upkeep, clock, logger, retentionDays: deps.retentionDays }, releasers);
  every('old heartbeats', HOUR_MS, async () => {
    await deleteHeartbeatsBefore(upkeep, new Date(clock.now() - deps.retentionDays * DAY_MS));
  });
  every('eviction', MINUTE_MS, evict);
  every('trim', HOUR_MS, trimLatest);
  every('measure', PULSE_MS, measure);
  every('pulse', PULSE_MS, pulse);
  every('snapshot', () => snapshots.dueInMs(clock.now()), takeSnapshot);

  function takeSnapshot(): void {
    const mark = snapshots.markAt(clock.now());
    const samples = Array.from(board.entries(), (it) => it.sample);
    if (!snapshots.take(mark, samples, universe.volumes())) return;
    for (const [audience, frozen] of [
      ['snapshot', snapshots.top],
      ['snapshotAll', snapshots.all],
    ] as const) {
      publisher.update(audience, { ...frozen.publish(), asOf: mark, serverTime: clock.now() });
    }
  }

  async function evict(): Promise<void> {
    const gone: Sample[] = [];
    let newestTs = 0;
    for (const { sample } of board.entries()) newestTs = Math.max(newestTs, sample.ts);
    const resumedAt = feed.look(newestTs);
    for (const { sample } of [...board.entries()]) {
      if (!isExpired(sample, newestTs, universe.has(sample.symbol), resumedAt)) continue;
      board.remove(sample.symbol);
      gone.push(sample);
      deps.recorder.evicted(sample.symbol);
      deps.past.forget(sample.symbol);
      broadcast.changed();
    }
    // Else a restart would read all that ever came.
    if (gone.length > 0) await deleteLatest(upkeep, gone);
  }

  /** Rows of symbols that no board has room for, however they came there. */
  async function trimLatest(): Promise<void> {
    while ((await deleteLatestBeyond(upkeep, MAX_SYMBOLS, TRIM_BATCH)) > 0);
  }

  function measure(): void {
    let oldestTs = Infinity;
    for (const { symbol } of universe.members()) {
      oldestTs = Math.min(oldestTs, board.get(symbol)?.sample.ts ?? oldestTs);
    }
    metrics.symbols.set(board.size());
    metrics.oldestAgeSeconds.set(Number.isFinite(oldestTs) ? (clock.now() - oldestTs) / 1_000 : 0);
  }

  function pulse(): void {
    const serverTime = clock.now();
    publisher.pulse('realtime', { epoch: board.epoch, seq: board.seq(), serverTime });
    publisher.pulse('snapshot', { epoch: snapshots.top.epoch, seq: snapshots.top.seq(), serverTime });
    publisher.pulse('snapshotAll', { epoch: snapshots.all.epoch, seq: snapshots.all.seq(), serverTime });
  }
}

/** Spread a little, so that nodes that started together do not read together for good. */
function repairPace(): number {
  return REPAIR_MS * (0.9 + Math.random() * 0.2);
}
