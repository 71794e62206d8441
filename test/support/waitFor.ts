import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a machine that does ten things at once: how fast the product is, no wait here decides. */
const GIVE_UP_MS = 60_000;

/**
 * Asks again and again until `condition` gives something truthy, and answers that. For what other processes do:
 * what our own code does with time is tested with a fake clock. A condition that throws has not come true yet.
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
