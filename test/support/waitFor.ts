import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until `condition` gives something truthy, and answers that. For what other processes do:
 * what our own code does with time is tested with a fake clock. A condition that throws has not come true yet.
 */
export async function waitFor<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const { timeoutMs = 10_000, everyMs = 20 } = options;
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
      throw new Error(`waited ${timeoutMs} ms in vain for: ${what} (last: ${String(last)})`, { cause: last });
    }
    await delay(everyMs);
  }
}
