import { describe, expect, it } from '@jest/globals';
import { sleep } from '../../../src/kit/sleep.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

function aSleep(ms: number, signal?: AbortSignal) {
  const clock = createFakeClock(0);
  let isOver = false;
  const done = sleep(clock, ms, signal).then(() => (isOver = true));
  const isAwake = async () => {
    await Promise.resolve();
    await Promise.resolve();
    return isOver;
  };
  return { clock, done, isAwake };
}

describe('sleep', () => {
  it('resolves after exactly the given time', async () => {
    const { clock, isAwake } = aSleep(1_000);
    clock.advance(999);
    expect(await isAwake()).toBe(false);
    clock.advance(1);
    expect(await isAwake()).toBe(true);
  });

  it('resolves and cancels its timer as soon as the signal aborts', async () => {
    const abort = new AbortController();
    const { clock, done } = aSleep(60_000, abort.signal);
    expect(clock.pending()).toBe(1);
    abort.abort();
    await done;
    expect(clock.pending()).toBe(0);
  });

  it.each([
    ['no time to wait', 0, undefined],
    ['a negative time', -5, undefined],
    ['an aborted signal', 60_000, AbortSignal.abort()],
  ])('starts no timer for %s', async (_case, ms, signal) => {
    const { clock, done } = aSleep(ms, signal);
    await done;
    expect(clock.pending()).toBe(0);
  });
});
