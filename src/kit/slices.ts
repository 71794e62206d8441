import { setImmediate as nextTurn } from 'node:timers/promises';

/** For long work in steps: the function that it answers, awaited between steps, lets other work of the event loop pass every `ms`. */
export function createSlices(ms: number): () => Promise<void> {
  let startedAt = performance.now();
  return async () => {
    if (performance.now() - startedAt < ms) return;
    await nextTurn();
    startedAt = performance.now();
  };
}
