import { SECOND_MS, type Clock } from '../../kit/clock.ts';

/** Runs `task` with a signal that aborts together with `signal`, or after `timeoutMs`; rejects with the reason. */
export async function withDeadline<Result>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const end = new AbortController();
  const expire = () => end.abort(new Error(`no answer in ${timeoutMs / SECOND_MS} s`));
  const onAbort = () => end.abort(signal?.reason);
  // Rejects even if the HTTP client ignores its signal.
  const aborted = new Promise<never>((_, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason as Error), { once: true });
  });
  signal?.throwIfAborted();
  const cancelTimeout = clock.after(timeoutMs, expire);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([task(end.signal), aborted]);
  } finally {
    cancelTimeout();
    signal?.removeEventListener('abort', onAbort);
  }
}
