import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { ApiError } from '../live/api.ts';
import { createStore, type Store } from '../live/store.ts';

/** What the server last said, and whether it can still be asked. */
export type PollState = {
  readonly body: DebugBody | null;
  /** When the last good answer came, by the monotonic clock: ages are measured from it, whatever the PC's clock shows. */
  readonly answeredAt: number | null;
  readonly failure: { readonly text: string; readonly at: number } | null;
  readonly paused: boolean;
  /** Signed in, and no operator. */
  readonly forbidden: boolean;
};

export type DebugPoll = {
  store: Store<PollState>;
  pause(): void;
  resume(): void;
  /** Does not wait for the next turn. */
  askNow(): void;
  stop(): void;
};

/** Until the server has said how often it may be asked. */
const FIRST_EVERY_SEC = 5;
/** An answer that takes longer is worth no more than none. */
const ANSWER_TIMEOUT_MS = 8_000;

/** Asks again and again, each time after the answer before: a slow server is not asked twice at once. */
export function createDebugPoll(deps: {
  ask: (signal: AbortSignal) => Promise<DebugBody>;
  /** Monotonic, ms. */
  now: () => number;
  after: (delayMs: number, task: () => void) => () => unknown;
  /** Nobody is signed in any more. */
  onSignedOut: () => void;
}): DebugPoll {
  const { now, after } = deps;
  const store = createStore<PollState>({
    body: null,
    answeredAt: null,
    failure: null,
    paused: false,
    forbidden: false,
  });
  let turn = 0;
  let cancel = (): unknown => undefined;
  let abort = (): void => undefined;
  const patch = (change: Partial<PollState>) => store.set((held) => ({ ...held, ...change }));

  function askNow(): void {
    cancel();
    abort();
    const mine = (turn += 1);
    const controller = new AbortController();
    abort = () => controller.abort();
    const cancelTimeout = after(ANSWER_TIMEOUT_MS, () => controller.abort());
    deps
      .ask(controller.signal)
      .then((body) => {
        if (mine === turn) patch({ body, answeredAt: now(), failure: null, forbidden: false });
      })
      .catch((thrown: unknown) => {
        if (mine === turn) fail(thrown);
      })
      .finally(() => {
        cancelTimeout();
        if (mine === turn) schedule();
      });
  }

  function fail(thrown: unknown): void {
    const status = thrown instanceof ApiError ? thrown.status : null;
    if (status === 401) return deps.onSignedOut();
    if (status === 403) return patch({ forbidden: true });
    patch({ failure: { text: describeFailure(thrown), at: now() } });
  }

  function schedule(): void {
    const { paused, forbidden, body } = store.get();
    if (paused || forbidden) return;
    cancel = after((body?.debugEverySec ?? FIRST_EVERY_SEC) * 1_000, askNow);
  }

  function stop(): void {
    turn += 1;
    cancel();
    abort();
  }

  return {
    store,
    pause() {
      stop();
      patch({ paused: true });
    },
    resume() {
      patch({ paused: false });
      askNow();
    },
    askNow,
    stop,
  };
}

function describeFailure(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return 'cannot reach the server (no answer in time)';
  if (thrown.code === 'unreadable') return 'the server’s answer cannot be read; reload this page';
  return thrown.status === null
    ? 'cannot reach the server (no connection)'
    : `cannot reach the server (HTTP ${thrown.status})`;
}
