import { setImmediate as nextTurn } from 'node:timers/promises';
import { SECOND_MS } from '../../kit/clock.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { insertMethodChange, selectMethodChanges } from './evaluation.repository.ts';
import { readChange, type RowPast } from './reading.ts';
import type { RuleBook } from './ruleBook.ts';
import type { FeedItem } from './ruleFeed.ts';
import { firingOf, stateOf, type Verdict } from './storeVerdicts.ts';

/** What the evaluating node judges by. */
export type Evaluating = {
  /** Of the rules in `book`. */
  revision: string;
  book: RuleBook;
  /** Since when an operator's confirmation is waited for; `null`: rules fire. */
  blockedSince: number | null;
  /** Samples before this moment are compared with nothing. */
  validFrom: number;
};

/** Other work of the event loop gets its turn after as long. */
const SLICE_MS = 5;

/** What rules make of rows, in their order; a few milliseconds at a time. */
export async function judgeItems(
  ctx: OpenInterestContext,
  evaluating: Evaluating,
  items: readonly FeedItem[],
): Promise<Verdict[]> {
  const { busySeconds } = ctx.metrics.rules;
  const verdicts: Verdict[] = [];
  let startedAt = performance.now();
  for (const item of items) {
    if ('change' in item) {
      await insertMethodChange(ctx.stores.write, item.change);
      ctx.logger.warn(item.change, 'the source changed its unit or method, no alert rule fires');
      await readMethodChanges(ctx, evaluating);
    } else if (evaluating.blockedSince === null) {
      for (const verdict of judgeRow(ctx, evaluating, item)) verdicts.push(verdict);
    }
    const busyMs = performance.now() - startedAt;
    if (busyMs < SLICE_MS) continue;
    busySeconds.inc(busyMs / SECOND_MS);
    await nextTurn();
    startedAt = performance.now();
  }
  busySeconds.inc((performance.now() - startedAt) / SECOND_MS);
  return verdicts;
}

/** Whether a change of the source's method waits for its confirmation, and from when on samples can be compared. */
export async function readMethodChanges(
  { stores }: Pick<OpenInterestContext, 'stores'>,
  evaluating: Evaluating,
): Promise<void> {
  const changes = await selectMethodChanges(stores.upkeep);
  evaluating.blockedSince = changes.find((it) => it.confirmedAt === null)?.detectedAt ?? null;
  evaluating.validFrom = changes.reduce((latest, it) => Math.max(latest, it.validFrom), 0);
}

function judgeRow(
  { board, ruleFeed, metrics }: OpenInterestContext,
  { book, validFrom }: Evaluating,
  { row, seenAt }: Pick<RowPast, 'row' | 'seenAt'>,
): Verdict[] {
  const series = board.seriesOf(row.symbol);
  if (series === undefined) return [];
  // A published row leaves out what clients have.
  const usual = board.get(row.symbol)?.row.usual ?? null;
  const isUsable = (ts: number) => ts >= validFrom && !ruleFeed.guard.isGlitch(row.symbol, ts);
  const verdicts: Verdict[] = [];
  metrics.rules.rows.inc();
  for (const window of book.windows()) {
    const reading = readChange({ row, series, usual, seenAt, isUsable }, window);
    if (reading === null) continue;
    for (const judgement of book.judge(reading)) {
      if (judgement.outcome.holdsBack) metrics.rules.firings.inc({ result: 'held_back' });
      const firing = firingOf(judgement, { series, everySec: row.everySec });
      verdicts.push({ state: stateOf(judgement), firing });
    }
  }
  return verdicts;
}
