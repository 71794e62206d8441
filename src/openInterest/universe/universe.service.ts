import { sendToNodes } from '../cluster/clusterMessages.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { parseMembers, planChange, refuseCollapse } from './universe.change.ts';
import {
  deleteLiquidSymbols,
  insertJournal,
  lockLiquidSymbols,
  selectLiquidSymbols,
  selectOptionalUniverseState,
  upsertLiquidSymbols,
  upsertUniverseState,
} from './universe.repository.ts';
import {
  DEFAULT_ENTER_THRESHOLD,
  DEFAULT_EXIT_THRESHOLD,
  type LiquidUniverseUpdate,
} from './universe.types.ts';

export type UniverseChange = { upserted: number; removed: number; entered: string[]; left: string[] };

/** Reads the set from the database if it was replaced since the last read. */
export async function loadUniverse(ctx: OpenInterestContext): Promise<void> {
  const { universe, board } = ctx;
  const state = await selectOptionalUniverseState(ctx.stores.upkeep);
  if (state?.updatedAt.getTime() === universe.state()?.updatedAt.getTime()) return;
  const members = await selectLiquidSymbols(ctx.stores.upkeep);
  universe.replace(members, state);
  board.setMembers(universe.facts());
  ctx.window.markChanged();
  ctx.redisCopy.putUniverse(members);
}

/**
 * Replaces the set in one transaction, with a journal entry for each symbol that enters or leaves. The collector decides
 * the set; an update that can only be a mistake is refused.
 */
export async function updateUniverse(
  ctx: OpenInterestContext,
  input: LiquidUniverseUpdate,
): Promise<UniverseChange> {
  const now = ctx.clock.now();
  const next = parseMembers(input, new Date(now));
  const change = await ctx.stores.write.transaction(async (db) => {
    const current = await lockLiquidSymbols(db);
    if (input.force !== true) refuseCollapse(current.length, next.length);
    const plan = planChange(current, next, new Map(Object.entries(input.reasons ?? {})));
    await upsertLiquidSymbols(db, next);
    await deleteLiquidSymbols(db, plan.left);
    await insertJournal(db, plan.journal);
    const before = await selectOptionalUniverseState(db);
    await upsertUniverseState(db, {
      // Strictly later than the last one, so that every node sees that there is something to read.
      updatedAt: new Date(Math.max(now, (before?.updatedAt.getTime() ?? 0) + 1)),
      enterThreshold: input.enterThreshold ?? before?.enterThreshold ?? DEFAULT_ENTER_THRESHOLD,
      exitThreshold: input.exitThreshold ?? before?.exitThreshold ?? DEFAULT_EXIT_THRESHOLD,
    });
    return { upserted: next.length, removed: plan.left.length, entered: plan.entered, left: plan.left };
  });
  await loadUniverse(ctx);
  // After an update alone: a node that sent what it reads would make every node read again.
  sendToNodes(ctx, 'universe', null);
  return change;
}
