import type { OperatorContext } from '../operator.context.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import { ASSUMED_PACE } from '../recorder/pipeline.ts';
import { createExplain, type OutageEvidence } from './outageCause.ts';
import type { SilentSymbol } from './outages.ts';

/** Records which symbols are silent now and why. It also reads the heartbeats of other nodes, so that none counts as missed. */
export async function watchOutages(ctx: OperatorContext): Promise<void> {
  const collectors = await ctx.heartbeats.selectAll().catch(() => null);
  const now = ctx.clock.now();
  ctx.outages.observe(findSilentSymbols(ctx, now), now, createExplain(gatherEvidence(ctx, now, collectors)));
}

/** Since when and why one symbol is silent, by the heartbeats read last; `null`: it is live, or not expected. */
export function explainSilence(
  ctx: OperatorContext,
  symbol: string,
): { since: number; why: string | null } | null {
  const now = ctx.clock.now();
  const silent = findSilentSymbols(ctx, now).find((it) => it.symbol === symbol);
  if (!silent) return null;
  const explain = createExplain(gatherEvidence(ctx, now, ctx.heartbeats.lastRead()));
  const cause = explain({ from: silent.since, symbols: new Set([symbol]) });
  return { since: silent.since, why: cause?.text ?? null };
}

/** Members of the universe that are not live. */
export function findSilentSymbols(
  { board, universe, startedAt }: Pick<OperatorContext, 'board' | 'universe' | 'startedAt'>,
  now: number,
): SilentSymbol[] {
  return universe.members().flatMap(({ symbol, enteredAt }) => {
    const row = board.get(symbol)?.row;
    // A symbol that has just entered has the time of one usual poll.
    const since = row?.ts ?? Math.max(enteredAt.getTime(), startedAt);
    const { everySec, source } = row ?? ASSUMED_PACE;
    const freshness = freshnessOf((now - since) / 1_000, everySec, modeOfSource(source));
    return freshness === 'live' ? [] : [{ symbol, since }];
  });
}

function gatherEvidence(
  { startedAt, board, feed, recorder }: OperatorContext,
  now: number,
  collectors: readonly CollectorState[] | null,
): OutageEvidence {
  const { ingestLog, stepTimes } = recorder;
  return { now, startedAt, board, lastDataAt: feed.lastDataAt, ingestLog, stepTimes, collectors };
}
