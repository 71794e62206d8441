import { describe, expect, it } from '@jest/globals';
import { createReleasers } from '../../../src/kit/lifecycle.ts';
import { createLogger } from '../../../src/kit/logger.ts';
import { every, startLoop } from '../../../src/kit/loop.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

/** Lets the callbacks of settled promises run; no time passes. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

/** A task whose runs the test ends. */
function aTask() {
  const open: { resolve: () => void; reject: (thrown: unknown) => void }[] = [];
  let started = 0;
  return {
    started: () => started,
    underWay: () => open.length,
    run: () =>
      new Promise<void>((resolve, reject) => {
        started += 1;
        open.push({ resolve, reject });
      }),
    async end() {
      open.shift()!.resolve();
      await settle();
    },
    async fail(thrown: unknown) {
      open.shift()!.reject(thrown);
      await settle();
    },
  };
}

function aLoop(options: { immediately?: boolean; everyMs?: number | (() => number) } = {}) {
  const clock = createFakeClock(0);
  const task = aTask();
  const errors: Error[] = [];
  const loop = startLoop({
    clock,
    everyMs: 1_000,
    task: task.run,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { clock, task, errors, loop };
}

describe('startLoop', () => {
  it('brings the next run forward', () => {
    const { clock, task, loop } = aLoop();
    loop.runWithin(300);
    loop.runWithin(600);
    clock.advance(299);
    expect(task.started()).toBe(0);
    clock.advance(1);
    expect(task.started()).toBe(1);
  });

  it('never puts a run off', () => {
    const { clock, task, loop } = aLoop();
    loop.runWithin(60_000);
    clock.advance(1_000);
    expect(task.started()).toBe(1);
  });

  it('starts a run that was wanted during a run after it', async () => {
    const { clock, task, loop } = aLoop({ immediately: true });
    loop.runWithin(300);
    clock.advance(500);
    expect(task.started()).toBe(1);
    await task.end();
    clock.advance(0);
    expect(task.started()).toBe(2);
    await task.end();
    clock.advance(999);
    expect(task.started()).toBe(2);
    clock.advance(1);
    expect(task.started()).toBe(3);
  });

  it('Q8 never overlaps itself: the wait starts when the previous run has ended', async () => {
    const { clock, task } = aLoop();
    clock.advance(1_000);
    clock.advance(60_000);
    expect([task.started(), task.underWay()]).toEqual([1, 1]);
    await task.end();
    clock.advance(999);
    expect(task.started()).toBe(1);
    clock.advance(1);
    expect(task.started()).toBe(2);
  });

  it('waits first, unless configured to run immediately', () => {
    const patient = aLoop();
    const eager = aLoop({ immediately: true });
    expect([patient.task.started(), eager.task.started()]).toEqual([0, 1]);
  });

  it('computes each wait before it starts', async () => {
    const waits = [100, 5_000];
    const { clock, task } = aLoop({ everyMs: () => waits.shift()! });
    clock.advance(100);
    await task.end();
    clock.advance(4_999);
    expect(task.started()).toBe(1);
    clock.advance(1);
    expect(task.started()).toBe(2);
  });

  it('logs a failed run and continues', async () => {
    const { clock, task, errors } = aLoop();
    clock.advance(1_000);
    await task.fail('no error at all');
    expect(errors).toEqual([expect.objectContaining({ message: 'no error at all' })]);
    clock.advance(1_000);
    expect(task.started()).toBe(2);
  });

  it('continues when a run throws before its first await', async () => {
    const clock = createFakeClock(0);
    const errors: string[] = [];
    let runs = 0;
    startLoop({
      clock,
      everyMs: 1_000,
      task: () => {
        runs += 1;
        throw new Error('at once');
      },
      onError: (error) => errors.push(error.message),
    });
    clock.advance(1_000);
    await settle();
    clock.advance(1_000);
    await settle();
    expect([runs, errors]).toEqual([2, ['at once', 'at once']]);
  });

  it('stops during a wait without another run', async () => {
    const { clock, task, loop } = aLoop();
    await loop.stop();
    clock.advance(60_000);
    expect([task.started(), clock.pending()]).toEqual([0, 0]);
  });

  it('waits for the current run on stop, and starts no other', async () => {
    const { clock, task, loop } = aLoop();
    clock.advance(1_000);
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    await task.end();
    await stopping;
    clock.advance(60_000);
    expect([stopped, task.started(), clock.pending()]).toEqual([true, 1, 0]);
  });

  it('stops even if the current run fails', async () => {
    const { clock, task, loop, errors } = aLoop();
    clock.advance(1_000);
    const stopping = loop.stop();
    await task.fail(new Error('gone'));
    await stopping;
    expect(errors).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('every', () => {
  function aContext() {
    const lines: Record<string, unknown>[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ level: 'debug', name: 'test', destination });
    return { clock: createFakeClock(0), logger, releasers: createReleasers(logger), lines };
  }

  it('logs a failed run with the name of the loop and retries', async () => {
    const context = aContext();
    let runs = 0;
    every(context, 'cleanup', 1_000, () => {
      runs += 1;
      throw new Error('locked');
    });
    context.clock.advance(1_000);
    await settle();
    context.clock.advance(1_000);
    expect(runs).toBe(2);
    expect(context.lines[0]).toMatchObject({
      level: 40,
      loop: 'cleanup',
      msg: 'background task failed, retrying',
      err: { message: 'locked' },
    });
  });

  it('is stopped by the releasers, after the current run', async () => {
    const context = aContext();
    const task = aTask();
    every(context, 'cleanup', 1_000, task.run, { immediately: true });
    let isReleased = false;
    const released = context.releasers.releaseAll().then(() => (isReleased = true));
    await settle();
    expect(isReleased).toBe(false);
    await task.end();
    await released;
    context.clock.advance(60_000);
    expect([task.started(), context.clock.pending()]).toEqual([1, 0]);
  });
});
