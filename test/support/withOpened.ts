import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';

/** What is open. The last one is closed first, whatever the order of the hooks. */
const closes: (() => unknown)[] = [];

function openedIn(before: typeof beforeAll, after: typeof afterAll) {
  return <Value extends Readonly<Record<Close, () => unknown>>, Close extends string>(
    open: () => Value | Promise<Value>,
    close: Close,
  ): Value => {
    let value: Value | undefined;
    let isOpen = false;
    before(async () => {
      const opened = await open();
      closes.push(() => opened[close]());
      value = opened;
      isOpen = true;
    });
    after(async () => {
      // What was not opened, because an earlier hook failed, must not close what another one opened.
      if (isOpen) await closes.pop()?.();
      isOpen = false;
    });
    return lateBound('what is opened', () => value);
  };
}

/** What `open` resolves to, for all tests; its method `close` is called after them. */
export const withOpened = openedIn(beforeAll, afterAll);

/** The same, opened and closed for each test. */
export const withEach = openedIn(beforeEach, afterEach);

/** Reads each property from the current value, which a hook sets. */
export function lateBound<Value extends object>(what: string, current: () => Value | undefined): Value {
  const now = (): Value => {
    const value = current();
    if (!value) throw new Error(`${what} starts in a hook: use it in hooks and tests only`);
    return value;
  };
  return new Proxy({} as Value, {
    get(_target, name) {
      const value = now();
      const member: unknown = Reflect.get(value, name);
      // Methods of a class must not run on the proxy.
      return typeof member === 'function' ? (member.bind(value) as unknown) : member;
    },
    // For `{ ...value }`.
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor: (_target, name) => ({
      ...Reflect.getOwnPropertyDescriptor(now(), name),
      configurable: true,
    }),
  });
}
