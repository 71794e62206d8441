import { expect } from '@jest/globals';
import { waitFor } from '../../support/waitFor.ts';

/** Long enough for a machine that has much else to do; what takes its time on purpose says so itself. */
const LONG_MS = 30_000;

/** Reads until what is read passes, and then answers it; in the end jest says what was read last and what it should be. */
export async function soon<Value>(
  read: () => Value | Promise<Value>,
  check: (value: Value) => void,
  options: { timeoutMs?: number } = {},
): Promise<Value> {
  let last: unknown;
  try {
    const passed = await waitFor(
      'the page to show it',
      async () => {
        const value = await read();
        try {
          check(value);
        } catch (thrown) {
          last = thrown;
          throw thrown;
        }
        return { value };
      },
      { timeoutMs: LONG_MS, everyMs: 50, ...options },
    );
    return passed.value;
  } catch (thrown) {
    throw last ?? thrown;
  }
}

type Matchers<Value> = ReturnType<typeof expect<Value>>;
type Soon<Value> = {
  [Name in keyof Matchers<Value>]: Matchers<Value>[Name] extends (...given: infer Given) => unknown
    ? (...given: Given) => Promise<Value>
    : never;
};

/** `await expectSoon(() => page.url()).toMatch(/s=BTCUSDT/)`: `soon` with one of jest's matchers. */
export function expectSoon<Value>(read: () => Value | Promise<Value>): Soon<Value> {
  type Matcher = (...given: unknown[]) => void;
  const get = (_target: object, name: string) => {
    return (...given: unknown[]) =>
      soon(read, (value) => (expect(value) as unknown as Record<string, Matcher>)[name]!(...given));
  };
  return new Proxy({}, { get }) as Soon<Value>;
}
