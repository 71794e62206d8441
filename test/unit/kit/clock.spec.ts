import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/kit/clock.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('systemClock', () => {
  it('does not fire early when the wait exceeds the timer limit', async () => {
    let fired = false;
    const cancel = systemClock.after(2 ** 40, () => (fired = true));
    let shortFired = false;
    systemClock.after(1, () => (shortFired = true));
    // The timers do not keep a process alive; here something else does.
    await waitFor('the short timer', () => shortFired);
    expect(fired).toBe(false);
    cancel();
  });

  it('does not fire after it is cancelled', async () => {
    let fired = false;
    systemClock.after(0, () => (fired = true))();
    let later = false;
    systemClock.after(5, () => (later = true));
    await waitFor('a later timer', () => later);
    expect(fired).toBe(false);
  });

  it('treats a negative wait as 0', async () => {
    let fired = false;
    systemClock.after(-5_000, () => (fired = true));
    await waitFor('the timer', () => fired);
  });
});

describe('createFakeClock', () => {
  it('does not move by itself', () => {
    const clock = createFakeClock(1_000);
    let fired = false;
    clock.after(0, () => (fired = true));
    expect([clock.now(), fired]).toEqual([1_000, false]);
    clock.advance(0);
    expect([clock.now(), fired]).toEqual([1_000, true]);
  });

  it('runs timers at their time and in order, equal times first in, first out', () => {
    const clock = createFakeClock(0);
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.now()]);
    clock.after(30, note('third'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(31, note('not yet'));
    clock.advance(30);
    expect(ran).toEqual([
      ['first', 10],
      ['second', 10],
      ['third', 30],
    ]);
    expect([clock.now(), clock.pending()]).toEqual([30, 1]);
  });

  it('runs a timer set during an advance, if it is due within it', () => {
    const clock = createFakeClock(0);
    const ranAt: number[] = [];
    const again = () => {
      ranAt.push(clock.now());
      clock.after(40, again);
    };
    clock.after(40, again);
    clock.advance(100);
    expect(ranAt).toEqual([40, 80]);
  });

  it('does not run a cancelled timer, even when an earlier one cancelled it', () => {
    const clock = createFakeClock(0);
    const ran: string[] = [];
    const cancel = clock.after(20, () => ran.push('cancelled'));
    clock.after(10, () => cancel());
    clock.advance(50);
    expect([ran, clock.pending()]).toEqual([[], 0]);
  });

  it('jumps without running anything', () => {
    const clock = createFakeClock(0);
    let fired = false;
    clock.after(10, () => (fired = true));
    clock.set(1_000);
    expect([clock.now(), fired]).toEqual([1_000, false]);
    clock.advance(0);
    expect([clock.now(), fired]).toEqual([1_000, true]);
  });
});
