import type { PipelineStep, SymbolStage } from '../debug/debug.types.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';

/**
 * Pure: how far the symbols of the universe got in the last full cycle. A cycle is each symbol's own: as long as its sample
 * counts as live, it was there in the last one. So sweeps, which come at once, and pollers that post all the time are
 * counted alike.
 */

/** When a symbol was last seen at each stage; `null`: never. */
export type SymbolPassage = {
  symbol: string;
  everySec: number;
  source: string;
} & Readonly<Record<SymbolStage, number | null>>;

export type PipelineFacts = {
  now: number;
  passages: readonly SymbolPassage[];
  /** Symbols polled in the last sweep, as collectors tell it. */
  polled: number | null;
  /** False: the database did not answer. */
  storedKnown: boolean;
  realtimeEnabled: boolean;
  clients: number;
};

/** Symbols that have never been sampled are expected at the pace of a usual poller. */
export const ASSUMED_PASSAGE = { everySec: 30, source: 'realtime' } as const;

const SYMBOL_STAGES = ['posted', 'accepted', 'stored', 'broadcast'] as const satisfies readonly SymbolStage[];

export function computePipeline(facts: PipelineFacts): PipelineStep[] {
  const { passages, now, polled } = facts;
  const universe = step({ stage: 'universe', count: passages.length });
  const counted = SYMBOL_STAGES.map((stage) => countStage(stage, facts));
  const posted = counted[0]!;
  const polledStep =
    polled === null
      ? step({ stage: 'polled', count: posted.count, how: 'inferred', note: 'no collector reports it' })
      : step({ stage: 'polled', count: polled, how: 'reported' });
  const clients = step({ stage: 'clients', count: facts.clients });
  const steps = [universe, polledStep, ...counted, clients];
  for (const [i, it] of steps.entries()) {
    const before = steps.slice(0, i).findLast((earlier) => earlier.count !== null);
    if (!before || it.stage === 'clients' || it.count === null) continue;
    it.missing = Math.max(0, before.count! - it.count);
    if (it.missing === 0) continue;
    // What a collector reports is a number without names: since when, nobody can say.
    if (it.how === 'reported' || it.stage === 'universe') continue;
    it.since = lastSeenOfMissing(it.stage === 'polled' ? 'posted' : it.stage, passages, now);
  }
  return steps;
}

/** The first stage that the symbol did not reach in its last cycle; `null`: it reached all. */
export function firstMissingStage(passage: SymbolPassage, facts: PipelineFacts): SymbolStage | null {
  return (
    SYMBOL_STAGES.find((stage) => isCounted(stage, facts) && !isThere(passage, stage, facts.now)) ?? null
  );
}

function countStage(stage: SymbolStage, facts: PipelineFacts): PipelineStep {
  if (!isCounted(stage, facts)) {
    const note = stage === 'stored' ? 'the database does not answer' : 'realtime is switched off';
    return step({ stage, count: null, note });
  }
  const there = facts.passages.filter((it) => isThere(it, stage, facts.now));
  return step({ stage, count: there.length });
}

function isCounted(stage: SymbolStage, facts: PipelineFacts): boolean {
  if (stage === 'stored') return facts.storedKnown;
  return stage !== 'broadcast' || facts.realtimeEnabled;
}

function isThere(passage: SymbolPassage, stage: SymbolStage, now: number): boolean {
  const at = passage[stage];
  if (at === null) return false;
  return freshnessOf((now - at) / 1_000, passage.everySec, modeOfSource(passage.source)) === 'live';
}

function lastSeenOfMissing(
  stage: SymbolStage,
  passages: readonly SymbolPassage[],
  now: number,
): number | null {
  const times = passages.flatMap((it) => (isThere(it, stage, now) || it[stage] === null ? [] : [it[stage]]));
  return times.length === 0 ? null : Math.max(...times);
}

function step(given: Partial<PipelineStep> & Pick<PipelineStep, 'stage' | 'count'>): PipelineStep {
  return { how: 'counted', missing: 0, since: null, note: null, ...given };
}
