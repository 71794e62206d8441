import { selectPolled } from '../collectors/collectorViews.ts';
import type { DoctorFacts } from '../doctor/facts.ts';
import type { OperatorContext } from '../operator.context.ts';
import { ASSUMED_PACE, type PipelineFacts, type SymbolProgress } from '../recorder/pipeline.ts';
import type { SampleStep } from '../recorder/stepTimes.ts';

/** When each symbol of the universe last passed each step. `storedAt`: `null` where the database did not answer. */
export function gatherPipelineFacts(
  ctx: OperatorContext,
  facts: DoctorFacts,
  storedAt: ReadonlyMap<string, number> | null,
): PipelineFacts {
  const members = ctx.universe.members();
  return {
    now: facts.now,
    progress: members.map(({ symbol }) => ({
      ...progressOf(ctx, symbol),
      stored: storedAt?.get(symbol) ?? null,
    })),
    polled: facts.collectors && selectPolled(facts.collectors, members.length),
    storedKnown: storedAt !== null,
    realtimeEnabled: ctx.settings.realtimeEnabled,
    clients: facts.broadcast.realtimeSockets,
  };
}

function progressOf(
  { board, recorder: { stepTimes } }: OperatorContext,
  symbol: string,
): Omit<SymbolProgress, 'stored'> {
  const row = board.get(symbol)?.row;
  const { everySec, source } = row ?? ASSUMED_PACE;
  // A row that this node read at its start was posted and published before it, at about the time of its sample. Of symbols
  // posted since then, every step has been recorded.
  const before = stepTimes.lastOf(symbol, 'posted') === null ? (row?.ts ?? null) : null;
  const lastOf = (step: SampleStep) => stepTimes.lastOf(symbol, step) ?? before;
  return {
    symbol,
    everySec,
    source,
    posted: lastOf('posted'),
    accepted: lastOf('accepted'),
    broadcast: lastOf('broadcast'),
  };
}
