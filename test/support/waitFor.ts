import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a busy machine; no wait here measures the speed of the product. */
const GIVE_UP_MS = 60_000;

/**
 * Polls `condition` until it returns something truthy, and returns that; an exception counts as not yet. For other
 * processes and real sockets: our own use of time is tested with a fake clock.
 */
export async function waitFor<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const { timeoutMs = GIVE_UP_MS, everyMs = 20 } = options;
  const giveUpAt = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (thrown) {
      last = thrown;
    }
    if (performance.now() >= giveUpAt) {
      throw new Error(`not within ${timeoutMs} ms: ${what} (last: ${String(last)})`, { cause: last });
    }
    await delay(everyMs);
  }
}

/**
 * The result of `call` if one of ten attempts takes less than `ms`: a busy machine is slow at times, a slow response is
 * slow every time. `call` must be repeatable.
 */
export async function inTime<Value>(
  ms: number,
  call: () => Promise<Value>,
  /** Restores the initial state before each attempt; its duration does not count. */
  prepare: () => Promise<unknown> = async () => undefined,
): Promise<Value> {
  const took: number[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    await prepare();
    const startedAt = performance.now();
    const value = await call();
    took.push(Math.round(performance.now() - startedAt));
    if (took.at(-1)! < ms) return value;
  }
  throw new Error(`took ${took.join(', ')} ms, which is never less than ${ms}`);
}
