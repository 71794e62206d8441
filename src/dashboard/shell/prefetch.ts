const waiting: (() => Promise<unknown>)[] = [];
let isStarted = false;

/** Loads a chunk while the browser is idle, once prefetching has started. */
export function prefetchWhenIdle(load: () => Promise<unknown>): void {
  if (!isStarted) return void waiting.push(load);
  // Safari has no idle callback.
  const whenIdle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1_000));
  // A chunk that cannot be loaded now is loaded when it is needed.
  whenIdle(() => void load().catch(() => undefined));
}

/** From the first paint on: chunks that are here already survive an outage and a new version of the server. */
export function startPrefetching(): void {
  isStarted = true;
  waiting.splice(0).forEach(prefetchWhenIdle);
}
