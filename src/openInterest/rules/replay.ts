import { MINUTE_MS } from '../../kit/clock.ts';
import { ConflictError, UnavailableError } from '../../kit/errors.ts';
import { listSymbols } from '../history/symbols.ts';
import { streamSamples } from '../history/tiers.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Universe } from '../universe/universe.ts';
import { selectMethodChanges } from './evaluation.repository.ts';
import { WINDOW_MS } from './reading.ts';
import { createSymbolReplay } from './replaySymbol.ts';
import type { AlertRuleInput, ReplayLine } from './rules.types.ts';

/** Of all users of a node: a replay keeps a connection and a good part of a core busy. */
const AT_ONCE = 2;
/** The others are counted. */
const MOST_LISTED = 5_000;
/** Before `from`, so that the first samples have their window and their pace. */
const LEAD_MS = 15 * MINUTE_MS;
const PROGRESS_EVERY_MS = 250;

/** Stored history, and the volumes of today. */
type ReplaySource = { db: Database; universe: Universe };

type Replay = { rule: AlertRuleInput; from: number; to: number };

/** Replays rules over stored history: one at a time a user, a few a node. */
export function createReplays(source: ReplaySource) {
  const running = new Set<string>();
  return {
    /** What the rule would have fired, line by line. Ends with its reader. Throws 409 or 503 at its first line. */
    async *run(userId: string, replay: Replay): AsyncGenerator<ReplayLine> {
      if (running.has(userId)) {
        throw new ConflictError(
          'replay_running',
          'A replay is running for you; wait for its end, or close its connection',
        );
      }
      if (running.size >= AT_ONCE) {
        throw new UnavailableError('replays_busy', 'Replays of other users are running; try again');
      }
      running.add(userId);
      try {
        yield* replayRule(source, replay);
      } finally {
        running.delete(userId);
      }
    },
  };
}

export type Replays = ReturnType<typeof createReplays>;

async function* replayRule({ db, universe }: ReplaySource, replay: Replay): AsyncGenerator<ReplayLine> {
  const { rule, from, to } = replay;
  const methodChanges = await selectMethodChanges(db);
  const symbols = rule.symbols === 'all' ? await listSymbols(db, { from, to }) : rule.symbols;
  const total = { firings: 0, symbols: 0, heldBack: 0, evaluated: 0, leftOut: 0 };
  const progress = (done: number): ReplayLine => {
    return { type: 'progress', done, of: symbols.length, firings: total.firings };
  };
  let saidAt = performance.now();
  yield progress(0);
  for (const [i, symbol] of symbols.entries()) {
    const before = total.firings;
    const volume24h = universe.volumes().get(symbol) ?? null;
    const one = createSymbolReplay({ rule, symbol, from, volume24h, methodChanges });
    const range = { symbol, from: from - WINDOW_MS[rule.window] - LEAD_MS, to };
    for await (const samples of streamSamples(db, range)) {
      for (const firing of one.meetUntil(samples, Math.min(to, samples.at(-1)!.ts + 1))) {
        total.firings += 1;
        if (total.firings <= MOST_LISTED) yield { type: 'firing', firing };
      }
      if (performance.now() - saidAt < PROGRESS_EVERY_MS) continue;
      saidAt = performance.now();
      yield progress(i);
    }
    for (const firing of one.meetUntil([], to)) {
      total.firings += 1;
      if (total.firings <= MOST_LISTED) yield { type: 'firing', firing };
    }
    if (total.firings > before) total.symbols += 1;
    total.heldBack += one.counts.heldBack;
    total.evaluated += one.counts.evaluated;
    total.leftOut += one.counts.leftOut + one.waiting();
  }
  yield { type: 'summary', ...total, listed: Math.min(total.firings, MOST_LISTED) };
}
