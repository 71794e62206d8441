import { DAY_MS } from '../../kit/clock.ts';
import { createSlices } from '../../kit/slices.ts';
import { repairAlerts } from '../alerts/alerts.service.ts';
import { isExpired } from '../board/eviction.ts';
import { snapshotMarkBefore } from '../board/snapshotBoards.ts';
import { selectLatest } from '../history/latest.repository.ts';
import { readSamplesAt } from '../history/tiers.ts';
import { MAX_SYMBOLS } from '../ingest/symbolLimit.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { Sample } from '../openInterest.types.ts';
import { loadUniverse } from '../universe/universe.service.ts';
import { readPasts } from './pasts.ts';
import type { Repair } from './repair.ts';

/** Other work of the event loop gets its turn after as long. */
const SLICE_MS = 20;

/** Fills a starting node from the database. Safe to run again after it has failed half way. */
export async function hydrate(ctx: OpenInterestContext, repair: Repair): Promise<void> {
  const { clock, board, snapshots, universe } = ctx;
  await loadUniverse(ctx);
  // Before the board, so that its rows have their changes from the first one on: a restart does not blank them.
  await readPasts(ctx, await selectBoardSymbols(ctx));
  await repair.readAll();
  await repairAlerts(ctx);
  const mark = snapshotMarkBefore(clock.now());
  snapshots.take(mark, await selectFrozen(ctx, mark), universe.facts());
  snapshots.all.closeWindow();
  snapshots.top.closeWindow();
  // Last, so that a slow Redis can only add to what Postgres has.
  repair.addCopy(await ctx.redisCopy.selectSamples());
  board.closeWindow();
  await followPast(ctx);
  ctx.logger.info({ symbols: board.size(), universe: universe.members().length }, 'board hydrated');
}

/** So that rules know a change of unit since the node was stopped, and values that no window must begin with. */
async function followPast({ board, ruleFeed }: OpenInterestContext): Promise<void> {
  const slice = createSlices(SLICE_MS);
  for (const symbol of board.symbols()) {
    for (const { ts, openInterest } of board.seriesOf(symbol)?.after(0) ?? []) {
      ruleFeed.guard.follow({ symbol, ts, openInterest });
    }
    await slice();
  }
}

/** The symbols that the board is about to show; those that it would evict at once need no last day. */
async function selectBoardSymbols({ stores, universe }: OpenInterestContext): Promise<string[]> {
  const { samples } = await selectLatest(stores.read, MAX_SYMBOLS);
  const newestTs = samples.reduce((newest, { ts }) => Math.max(newest, ts), 0);
  return samples.filter((it) => !isExpired(it, newestTs, universe.has(it.symbol))).map((it) => it.symbol);
}

/** What the board showed at the mark, of the symbols that are still on it: none of them has been silent for a day. */
async function selectFrozen({ stores, board }: OpenInterestContext, mark: number): Promise<Sample[]> {
  let oldestTs = mark;
  for (const { sample } of board.entries()) oldestTs = Math.min(oldestTs, sample.ts);
  return readSamplesAt(stores.read, {
    symbols: [...board.symbols()],
    at: mark,
    notBefore: oldestTs - DAY_MS,
  });
}
