import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { createBoard } from '../../src/openInterest/board/board.ts';
import { maintainPartitions } from '../../src/openInterest/history/partitions.ts';
import { createRepair } from '../../src/openInterest/cluster/repair.ts';
import { createSnapshotBoards } from '../../src/openInterest/board/snapshotBoards.ts';
import { insertSamples } from '../../src/openInterest/history/insertSamples.repository.ts';
import { aSample } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();
beforeAll(() => maintainPartitions(database.db, aSample().ts, 2));
afterEach(() => database.clear());

it('B2 reads the whole table after at most five minutes, also when the clock is set back', async () => {
  const clock = createFakeClock(aSample().ts);
  const board = createBoard();
  const repair = createRepair({
    stores: { upkeep: database.db },
    board,
    clock,
    universe: { has: () => true },
    window: { markChanged: () => undefined, flush: () => undefined },
  });
  await insertSamples(database.db, [aSample({ symbol: 'FIRSTUSDT' })]);
  await repair.readAll();
  await insertSamples(database.db, [aSample({ symbol: 'MISSEDUSDT' })]);
  await database.pool.query(
    `update open_interest_latest set updated_at = now() - interval '1 day' where symbol = 'MISSEDUSDT'`,
  );
  clock.advance(MINUTE_MS);
  await repair.readChanges();
  expect(board.get('MISSEDUSDT')).toBeUndefined();
  clock.set(clock.now() - 60 * MINUTE_MS);
  await repair.readChanges();
  expect(board.get('MISSEDUSDT')).toBeDefined();
});

it('B2 P1 removes what was shown and never stored from the board, its followers and the guests', async () => {
  const stored = aSample({ symbol: 'KEPTUSDT' });
  await insertSamples(database.db, [stored]);
  const clock = createFakeClock(stored.ts);
  const board = createBoard();
  const windows: ReturnType<typeof board.closeWindow>[] = [];
  const publish = () => void windows.push(board.closeWindow());
  const repair = createRepair({
    stores: { upkeep: database.db },
    board,
    clock,
    universe: { has: () => true },
    window: { markChanged: () => undefined, flush: publish },
  });
  await repair.readAll();
  const lost = aSample({ symbol: 'KEPTUSDT', ts: stored.ts + 10 * SECOND_MS, openInterest: 7 });
  board.apply(lost, 'poller');
  board.apply(aSample({ symbol: 'NEVERUSDT', ts: lost.ts }), 'poller');
  publish();
  const before = { epoch: board.epoch, seq: board.seq() };
  const snapshots = createSnapshotBoards();
  const samples = () => Array.from(board.entries(), (it) => it.sample);
  snapshots.take(lost.ts, samples(), new Map());
  expect(snapshots.all.get('KEPTUSDT')?.sample).toEqual(lost);

  clock.advance(5 * MINUTE_MS);
  await repair.readChanges();
  expect(board.get('KEPTUSDT')?.sample).toEqual(lost);
  clock.advance(MINUTE_MS);
  await repair.readChanges();
  publish();

  expect(samples()).toEqual([stored]);
  const [removal, back] = windows.slice(-2);
  expect(removal!.rows).toMatchObject([
    { symbol: 'KEPTUSDT', removed: true },
    { symbol: 'NEVERUSDT', removed: true },
  ]);
  expect(back!.rows).toMatchObject([{ symbol: 'KEPTUSDT', ts: stored.ts }]);
  expect(board.since(before)).toMatchObject({ full: true });
  expect(board.since({ epoch: board.epoch, seq: removal!.seq })).toMatchObject({ full: false });

  for (const mark of [1, 2]) snapshots.take(lost.ts + mark * 5 * MINUTE_MS, samples(), new Map());
  expect(snapshots.all.get('KEPTUSDT')?.sample).toEqual(stored);
  expect(snapshots.all.get('NEVERUSDT')).toBeUndefined();
});
