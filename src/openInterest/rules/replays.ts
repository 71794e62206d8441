import { on } from 'node:events';
import { ConflictError, UnavailableError } from '../../kit/errors.ts';
import { startThread } from '../../kit/thread.ts';
import type { Database } from '../../platform/database/database.ts';
import { listSymbols } from '../history/symbols.ts';
import type { Universe } from '../universe/universe.ts';
import type { ReplayJob } from './replay.worker.ts';
import type { Replay } from './replayRule.ts';
import type { ReplayLine } from './rules.types.ts';

/** Of all users of a node: each keeps a core busy. */
const AT_ONCE = 2;

/** Stored history, its address for the threads of replays, and the volumes of today. */
type ReplaySource = { db: Database; url: string; universe: Universe };

/** Replays rules over stored history: one at a time a user, a few a node, each in a thread of its own. */
export function createReplays({ db, url, universe }: ReplaySource) {
  const running = new Set<string>();
  return {
    /** What the rule would have fired, line by line. Ends with its reader. Throws 409 or 503 at its first line. */
    async *run(userId: string, replay: Omit<Replay, 'symbols'>): AsyncGenerator<ReplayLine> {
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
        const names = replay.rule.symbols === 'all' ? await listSymbols(db, replay) : replay.rule.symbols;
        yield { type: 'progress', done: 0, of: names.length, firings: 0 };
        const facts = universe.facts();
        const symbols = names.map((symbol) => ({ symbol, volume24h: facts.get(symbol)?.volume24h ?? null }));
        yield* replayInThread({ url, replay: { ...replay, symbols } });
      } finally {
        running.delete(userId);
      }
    },
  };
}

export type Replays = ReturnType<typeof createReplays>;

/** Decoding months of samples and collecting their garbage would stop the event loop. */
async function* replayInThread(job: ReplayJob): AsyncGenerator<ReplayLine> {
  const worker = startThread(new URL('./replay.worker.ts', import.meta.url), job);
  try {
    const messages = on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[ReplayLine[]]>;
    for await (const [lines] of messages) yield* lines;
  } finally {
    await worker.terminate();
  }
}
