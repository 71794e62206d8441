import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/kit/clock.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { waitFor } from '../../support/waitFor.ts';

describe('systemClock', () => {
  it('does not fire at once when the wait is longer than a timer can hold', async () => {
    let fired = false;
    const cancel = systemClock.after(2 ** 40, () => (fired = true));
    let shortFired = false;
    systemClock.after(1, () => (shortFired = true));
    // The timers do not keep a process alive; here something else does.
    await waitFor('the short timer', () => shortFired);
    expect(fired).toBe(false);
    cancel();
  });

  it('does not fire once it is cancelled', async () => {
    let fired = false;
    systemClock.after(0, () => (fired = true))();
    let later = false;
    systemClock.after(5, () => (later = true));
    await waitFor('a later timer', () => later);
    expect(fired).toBe(false);
  });

  it('takes a wait below zero for none', async () => {
    let fired = false;
    systemClock.after(-5_000, () => (fired = true));
    await waitFor('the timer', () => fired);
  });
});

describe('createFakeClock', () => {
  it('stands still until it is moved', () => {
    const clock = createFakeClock(1_000);
    let fired = false;
    clock.after(0, () => (fired = true));
    expect([clock.now(), fired]).toEqual([1_000, false]);
    clock.advance(0);
    expect([clock.now(), fired]).toEqual([1_000, true]);
  });

  it('runs what falls due in its order and at its time, equal times in the order of asking', () => {
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

  it('runs what is asked for on the way, if it falls due on the way', () => {
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

  it('does not run what was cancelled, also by what ran before it', () => {
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
