import type { Clock } from '../../../kit/clock.ts';
import { createPassages, type Passages } from './passages.ts';
import { createPublishDelays, type PublishDelays } from './publishDelays.ts';
import type { Trace } from './trace.ts';

/** What this node sees of samples passing through: where each symbol was seen last, and how long chunks take. */
export type Flow = {
  passages: Passages;
  delays: PublishDelays;
  /** The trace that ingest and broadcast report to; whatever they tell it counts here too. */
  watch(trace: Trace): Trace;
  /** Symbols whose newest sample is stored. */
  committed(symbols: Iterable<string>): void;
  /** Symbols that another node took. */
  remote(symbols: Iterable<string>): void;
};

export function createFlow(options: { clock: Clock; holds: (symbol: string) => boolean }): Flow {
  const { clock, holds } = options;
  const passages = createPassages();
  const delays = createPublishDelays();

  function watch(trace: Trace): Trace {
    let lastMerged = '';
    return {
      ...trace,
      received(parsed, life) {
        if (life.outcome === 'history only') return trace.received(parsed, life);
        const { symbol } = parsed.sample;
        passages.passed('posted', [symbol], life.receivedAt);
        passages.passed('accepted', [symbol], life.receivedAt);
        if (life.outcome === 'replace' && life.requestId !== lastMerged) {
          lastMerged = life.requestId;
          delays.merged(life.receivedAt);
        }
        return trace.received(parsed, life);
      },
      broadcast(symbols, at, seq) {
        const carried = [...symbols];
        // A window also tells which symbols have left the board; those are forgotten already.
        passages.passed('broadcast', carried.filter(holds), at);
        delays.published(at);
        trace.broadcast(carried, at, seq);
      },
      forget(symbol) {
        passages.forget(symbol);
        trace.forget(symbol);
      },
    };
  }

  return {
    passages,
    delays,
    watch,
    committed: (symbols) => passages.passed('committed', symbols, clock.now()),
    remote(symbols) {
      const now = clock.now();
      const taken = [...symbols];
      passages.passed('posted', taken, now);
      passages.passed('accepted', taken, now);
    },
  };
}
