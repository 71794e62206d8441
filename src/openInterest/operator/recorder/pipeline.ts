import type { PipelineStep, SymbolStage } from '../debug/debug.types.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';

/**
 * How far the symbols of the universe got in the last full cycle. Each symbol has its own cycle: while its last pass counts
 * as live, it passed in the last one. So sweeps, which arrive at once, and continuous pollers are counted alike. Pure.
 */

/** When a symbol last passed each stage; `null`: never. */
export type SymbolProgress = {
  symbol: string;
  everySec: number;
  source: string;
} & Readonly<Record<SymbolStage, number | null>>;

export type PipelineFacts = {
  now: number;
  progress: readonly SymbolProgress[];
  /** Symbols polled in the last sweep, as collectors report it. */
  polled: number | null;
  /** False: the database did not answer. */
  storedKnown: boolean;
  realtimeEnabled: boolean;
  clients: number;
};

/** Symbols that have never been sampled are expected at the pace of a usual poller. */
export const ASSUMED_PACE = { everySec: 30, source: 'realtime' } as const;

const SYMBOL_STAGES = ['posted', 'accepted', 'stored', 'broadcast'] as const satisfies readonly SymbolStage[];

export function computePipeline(facts: PipelineFacts): PipelineStep[] {
  const { progress, now, polled } = facts;
  const universe = step({ stage: 'universe', count: progress.length });
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
    // A collector reports a number without names, so the time is unknown.
    if (it.how === 'reported' || it.stage === 'universe') continue;
    it.since = lastSeenOfMissing(it.stage === 'polled' ? 'posted' : it.stage, progress, now);
  }
  return steps;
}

/** The first stage that the symbol did not reach in its last cycle; `null`: it reached all. */
export function firstMissingStage(progress: SymbolProgress, facts: PipelineFacts): SymbolStage | null {
  return (
    SYMBOL_STAGES.find((stage) => isCounted(stage, facts) && !isThere(progress, stage, facts.now)) ?? null
  );
}

function countStage(stage: SymbolStage, facts: PipelineFacts): PipelineStep {
  if (!isCounted(stage, facts)) {
    const note = stage === 'stored' ? 'the database does not answer' : 'realtime is switched off';
    return step({ stage, count: null, note });
  }
  const there = facts.progress.filter((it) => isThere(it, stage, facts.now));
  return step({ stage, count: there.length });
}

function isCounted(stage: SymbolStage, facts: PipelineFacts): boolean {
  if (stage === 'stored') return facts.storedKnown;
  return stage !== 'broadcast' || facts.realtimeEnabled;
}

function isThere(progress: SymbolProgress, stage: SymbolStage, now: number): boolean {
  const at = progress[stage];
  if (at === null) return false;
  return freshnessOf((now - at) / 1_000, progress.everySec, modeOfSource(progress.source)) === 'live';
}

function lastSeenOfMissing(
  stage: SymbolStage,
  progress: readonly SymbolProgress[],
  now: number,
): number | null {
  const times = progress.flatMap((it) => (isThere(it, stage, now) || it[stage] === null ? [] : [it[stage]]));
  return times.length === 0 ? null : Math.max(...times);
}

function step(given: Partial<PipelineStep> & Pick<PipelineStep, 'stage' | 'count'>): PipelineStep {
  return { how: 'counted', missing: 0, since: null, note: null, ...given };
}
