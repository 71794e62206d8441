import { useSyncExternalStore } from 'react';

/** A value that outlives components and that they can watch. Raw socket messages never become React state. */
export type Store<Value> = {
  get(): Value;
  set(next: Value | ((held: Value) => Value)): void;
  subscribe(listener: () => void): () => void;
};

export function createStore<Value>(initial: Value): Store<Value> {
  let held = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => held,
    set(next) {
      const value = typeof next === 'function' ? (next as (held: Value) => Value)(held) : next;
      if (Object.is(value, held)) return;
      held = value;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
