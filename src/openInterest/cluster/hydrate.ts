import { DAY_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import type { AlertsService } from '../alerts/alerts.service.ts';
import type { Board } from '../board/board.ts';
import { isExpired } from '../board/eviction.ts';
import { selectLatest } from '../history/latest.repository.ts';
import type { Mirror } from './redisCopy.ts';
import type { Past } from '../board/past.ts';
import type { Repair } from './repair.ts';
import { COARSE_BUCKET_MS, FINE_MS, KEPT_MS } from '../board/series.ts';
import { snapshotMarkBefore, type SnapshotBoards } from '../board/snapshotBoards.ts';
import { selectPast } from '../history/history.repository.ts';
import { selectSamplesAt } from '../history/samples.repository.ts';
import { MAX_SYMBOLS } from '../ingest/symbolLimit.ts';
import type { Sample } from '../openInterest.types.ts';
import type { Universe } from '../universe/universe.ts';

/** Queries under way at the same time; a node that starts must leave the database to those that run. */
const PARALLEL = 4;

/** Brings a starting node to what the database holds. Safe to run again after it has failed half way. */
export async function hydrate(deps: {
  db: Queryable;
  clock: Clock;
  logger: Logger;
  board: Board;
  past: Past;
  snapshots: SnapshotBoards;
  universe: Universe;
  repair: Repair;
  alerts: AlertsService;
  mirror: Mirror;
}): Promise<void> {
  const { db, clock, board, snapshots, universe } = deps;
  await universe.load();
  // Before the board, whose rows tell of the past from the first one on: a restart does not blank the changes.
  await loadPast(db, deps.past, await selectBoardSymbols(db, universe), clock.now());
  await deps.repair.readAll();
  await deps.alerts.repair();
  const mark = snapshotMarkBefore(clock.now());
  snapshots.take(mark, await selectFrozen(db, board, mark), universe.volumes());
  snapshots.all.publish();
  snapshots.top.publish();
  // Last, so that what a slow Redis holds can only add to what Postgres has told.
  deps.repair.addCopy(await deps.mirror.selectSamples());
  board.publish();
  deps.logger.info({ symbols: board.size(), universe: universe.members().length }, 'board hydrated');
}

/** The symbols that the board is about to take; those that it would drop at once need no past. */
async function selectBoardSymbols(db: Queryable, universe: Universe): Promise<string[]> {
  const { samples } = await selectLatest(db, MAX_SYMBOLS);
  const newestTs = samples.reduce((newest, { ts }) => Math.max(newest, ts), 0);
  const live = samples.filter((it) => !isExpired(it, newestTs, universe.has(it.symbol)));
  return live.map((it) => it.symbol);
}

/** What the board showed at the mark, of the symbols that are still on it: none of them has been silent for a day. */
async function selectFrozen(db: Queryable, board: Board, mark: number): Promise<Sample[]> {
  const oldestTs = Array.from(board.entries(), (it) => it.sample.ts).reduce((a, b) => Math.min(a, b), mark);
  return selectSamplesAt(db, [...board.symbols()], new Date(mark), new Date(oldestTs - DAY_MS));
}

async function loadPast(db: Queryable, past: Past, symbols: readonly string[], now: number): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    for (let symbol = symbols[next++]; symbol !== undefined; symbol = symbols[next++]) {
      const points = await selectPast(db, {
        symbol,
        from: new Date(now - KEPT_MS),
        fineFrom: new Date(now - FINE_MS),
        bucketSec: COARSE_BUCKET_MS / 1_000,
      });
      for (const point of points) past.add(symbol, point);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work));
}
