import type { PipelineStep } from '../../openInterest/operator/debug/debug.types.ts';
import { formatCount, UNKNOWN } from '../../kit/format.shared.ts';
import type { DebugView } from './debugView.ts';

/** One count of the pipeline strip, in words. */
export type StripItem = ReturnType<typeof describeStrip>[number];

/** A symbol or two are always being listed, delisted or slow; a tenth is not. */
const ERROR_SHARE = 0.1;

/** The strip: where the flow stops, in one line. `clock` writes a time. */
export function describeStrip(pipeline: readonly PipelineStep[], clock: (at: number) => string) {
  const universe = pipeline[0]?.count ?? 0;
  // A symbol that could not be polled must not hide the three hundred that are lost behind it.
  const first =
    pipeline.find((it) => it.missing > universe * ERROR_SHARE) ?? pipeline.find((it) => it.missing > 0);
  return pipeline.map((step) => {
    const before = (step.count ?? 0) + step.missing;
    return {
      stage: step.stage,
      /** `universe 343`, `12 clients` */
      text: textOf(step, step === first ? before : null),
      tone: toneOf(step, universe),
      /** Said in words at the first count that drops for good, and only there: what follows from it is not news. */
      warning: step === first ? warningOf(step, clock) : null,
      title: titleOf(step),
      /** What a click shows. */
      shows: SHOWS[step.stage],
      panel: step.stage === 'clients' ? 'sockets' : 'universe',
    };
  });
}

const SHOWS: Readonly<Record<PipelineStep['stage'], Partial<DebugView>>> = {
  universe: { universe: 'all' },
  polled: { universe: 'missing-posted' },
  posted: { universe: 'missing-posted' },
  accepted: { universe: 'missing-accepted' },
  stored: { universe: 'missing-stored' },
  broadcast: { universe: 'missing-broadcast' },
  clients: {},
};

const HELP: Readonly<Record<PipelineStep['stage'], string>> = {
  universe: 'Symbols of the liquid universe',
  polled: 'Symbols that collectors polled in their last sweep',
  posted: 'Symbols named in a chunk in their last cycle',
  accepted: 'Symbols whose sample was good',
  stored: 'Symbols whose stored row moved in Postgres',
  broadcast: 'Symbols carried by an update to dashboards',
  clients: 'Connections that are sent live data by this node',
};

function textOf(step: PipelineStep, before: number | null): string {
  const count = step.count === null ? UNKNOWN : formatCount(step.count);
  if (step.stage === 'clients') return `${count} ${step.count === 1 ? 'client' : 'clients'}`;
  return before === null ? `${step.stage} ${count}` : `${step.stage} ${count} of ${formatCount(before)}`;
}

function toneOf(
  { count, missing, how }: PipelineStep,
  universe: number,
): 'plain' | 'warn' | 'error' | 'muted' {
  if (count === null) return 'muted';
  if (missing > 0) return missing > universe * ERROR_SHARE ? 'error' : 'warn';
  return how === 'inferred' ? 'muted' : 'plain';
}

function warningOf({ missing, since, how }: PipelineStep, clock: (at: number) => string): string {
  const count = `${formatCount(missing)} missing`;
  if (since !== null) return `${count} since ${clock(since)}`;
  return how === 'reported' ? count : `${count}, never seen here`;
}

function titleOf({ stage, how, note }: PipelineStep): string {
  const words = how === 'counted' ? null : how;
  return [HELP[stage], words, note].filter((it) => it !== null).join('; ');
}
