import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import { every, inBatches, varying, type LoopContext } from '../kit/loop.ts';
import { selectAgreedTime } from '../platform/database/databaseTime.ts';
import { followAlerts } from './alerts/after.ts';
import { deleteAlertsBefore } from './alerts/alerts.repository.ts';
import { repairAlerts } from './alerts/alerts.service.ts';
import { createFeedWatch, isExpired, type FeedWatch } from './board/eviction.ts';
import { publishPulse, publishSnapshot } from './board/publish.ts';
import { PULSE_MS } from './board/audience.ts';
import { createPasts } from './cluster/pasts.ts';
import type { Repair } from './cluster/repair.ts';
import { createUsualChanges } from './cluster/usualChanges.ts';
import { deleteLatest, deleteLatestBeyond } from './history/latest.repository.ts';
import { startHistoryUpkeep } from './history/upkeep.ts';
import { MAX_SYMBOLS } from './ingest/symbolLimit.ts';
import type { OpenInterestContext } from './openInterest.context.ts';
import { deleteHeartbeatsBefore } from './operator/collectors/heartbeats.repository.ts';
import { deletePositioningBefore } from './positioning/positioning.repository.ts';
import { POSITIONING_KEPT_MS } from './positioning/positioning.types.ts';
import { deleteIdleStates } from './rules/evaluation.repository.ts';
import { deleteFiringsBefore } from './rules/firings.repository.ts';
import { LONGEST_COOLDOWN_MS } from './rules/rules.types.ts';
import { deleteAccessWithoutRules } from './rules/userAccess.repository.ts';
import { deleteJournalBefore } from './universe/universe.repository.ts';
import { loadUniverse } from './universe/universe.service.ts';

const REPAIR_MS = 10 * SECOND_MS;
/** Of what followed an alert: clients read it once a minute. */
const FOLLOW_MS = 15 * SECOND_MS;
/** Rows that one statement deletes well within its time limit. */
const TRIM_BATCH = 10_000;

/** Starts the loops of a node. None waits for another: a locked table delays only the loops that read it. */
export function startBackground(ctx: OpenInterestContext, repair: Repair, releasers: Releasers): void {
  const { clock, stores, settings } = ctx;
  const repairPace = varying(REPAIR_MS);
  const loops = { clock, logger: ctx.logger, releasers };
  releasers.push('broadcast', ctx.window.stop);
  every(loops, 'universe repair', repairPace, () => loadUniverse(ctx));
  every(loops, 'board repair', repairPace, () => repair.readChanges());
  const pasts = createPasts(ctx);
  every(loops, 'last day of new symbols', repairPace, () => pasts.readEntered());
  every(loops, 'alert repair', repairPace, () => repairAlerts(ctx));
  every(loops, 'what followed alerts', FOLLOW_MS, () => followAlerts(ctx));
  every(loops, 'access of users', REPAIR_MS, () => ctx.seenAccess.store(stores.upkeep));
  startHistoryUpkeep(
    { ...settings, db: stores.upkeep, clock, logger: ctx.logger, metrics: ctx.metrics },
    releasers,
  );
  startDeletions(ctx, loops);
  const usual = createUsualChanges(ctx);
  every(loops, 'usual changes', MINUTE_MS, () => usual.refresh(), { immediately: true });
  const feed = createFeedWatch();
  every(loops, 'eviction', MINUTE_MS, () => evict(ctx, feed));
  // Symbols beyond what a board has room for.
  every(loops, 'trim', HOUR_MS, () =>
    inBatches(TRIM_BATCH, (batch) => deleteLatestBeyond(stores.upkeep, MAX_SYMBOLS, batch)),
  );
  every(loops, 'measure', PULSE_MS, () => measure(ctx));
  every(loops, 'pulse', PULSE_MS, () => publishPulse(ctx));
  every(
    loops,
    'snapshot',
    () => ctx.snapshots.dueInMs(clock.now()),
    () => publishSnapshot(ctx),
  );
}

/** Deletes hourly what is too old, of what has no partitions. */
function startDeletions({ clock, stores, settings }: OpenInterestContext, loops: LoopContext): void {
  const db = stores.upkeep;
  const retentionMs = settings.retentionDays * DAY_MS;
  const inParts = (deleteBefore: typeof deleteFiringsBefore) => (before: Date) =>
    inBatches(TRIM_BATCH, (batch) => deleteBefore(db, before, batch));
  const deletions: [string, number, (before: Date) => Promise<unknown>][] = [
    ['old heartbeats', retentionMs, (before) => deleteHeartbeatsBefore(db, before)],
    ['old firings', retentionMs, inParts(deleteFiringsBefore)],
    ['old alerts', retentionMs, inParts(deleteAlertsBefore)],
    ['old universe journal', retentionMs, inParts(deleteJournalBefore)],
    ['idle rule states', LONGEST_COOLDOWN_MS + DAY_MS, inParts(deleteIdleStates)],
    ['access of users without rules', DAY_MS, inParts(deleteAccessWithoutRules)],
    ['old positioning', POSITIONING_KEPT_MS, (before) => deletePositioningBefore(db, before)],
  ];
  for (const [name, keptMs, deleteBefore] of deletions) {
    every(loops, name, HOUR_MS, async () =>
      deleteBefore(new Date((await selectAgreedTime(db, clock.now())) - keptMs)),
    );
  }
}

/** Removes silent symbols from the board, and from the table that a restart reads. */
async function evict(ctx: OpenInterestContext, feed: FeedWatch): Promise<void> {
  const { board, universe } = ctx;
  const newestTs = board.newestTs();
  const resumedAt = feed.look(newestTs);
  const expired = Array.from(board.entries(), (it) => it.sample).filter((it) =>
    isExpired(it, newestTs, universe.has(it.symbol), resumedAt),
  );
  if (expired.length === 0) return;
  for (const { symbol } of expired) {
    board.remove(symbol);
    ctx.recorder.evicted(symbol);
  }
  ctx.window.markChanged();
  ctx.redisCopy.deleteSamples(expired.map((it) => it.symbol));
  await deleteLatest(ctx.stores.upkeep, expired);
}

function measure({ board, universe, clock, metrics }: OpenInterestContext): void {
  let oldestTs = Infinity;
  for (const { symbol } of universe.members()) {
    oldestTs = Math.min(oldestTs, board.get(symbol)?.sample.ts ?? oldestTs);
  }
  metrics.symbols.set(board.size());
  metrics.oldestAgeSeconds.set(Number.isFinite(oldestTs) ? (clock.now() - oldestTs) / 1_000 : 0);
}
