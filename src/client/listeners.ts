/** Functions that are called with each value. One that throws stops neither the others nor the caller. */
export function createListeners<Value>() {
  const listeners = new Set<{ notify: (value: Value) => void }>();
  return {
    add(notify: (value: Value) => void): () => void {
      const listener = { notify };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    call(value: Value): void {
      for (const listener of listeners) {
        try {
          listener.notify(value);
        } catch (thrown) {
          // An uncaught error of the program, as if nothing had called the listener.
          queueMicrotask(() => {
            throw thrown;
          });
        }
      }
    },
    clear: (): void => listeners.clear(),
  };
}
