import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../../../src/kit/clock.ts';
import { createExpiries } from '../../../src/sockets/expiries.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

function someExpiries() {
  const clock = createFakeClock(1_000);
  const expired: string[] = [];
  const expiries = createExpiries<string>(clock, (member) => {
    expired.push(member);
    // As the socket that is ended does.
    expiries.remove(member, clock.now());
  });
  return { clock, expired, expiries };
}

describe('createExpiries', () => {
  it('ends each member at its time, and all of one time', () => {
    const { clock, expired, expiries } = someExpiries();
    expiries.add('late', 3_000);
    expiries.add('a', 2_000);
    expiries.add('b', 2_000);
    clock.advance(999);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual(['a', 'b']);
    clock.advance(1_000);
    expect(expired).toEqual(['a', 'b', 'late']);
  });

  it('does not end a member that was removed, and ends one that is added at its time again', () => {
    const { clock, expired, expiries } = someExpiries();
    expiries.add('gone', 2_000);
    expiries.add('other', 2_000);
    expiries.remove('gone', 2_000);
    expiries.remove('other', 2_000);
    expiries.remove('unknown', 2_000);
    expiries.add('again', 2_000);
    clock.advance(5_000);
    expect(expired).toEqual(['again']);
  });

  it('ends at once a member whose time has passed', () => {
    const { clock, expired, expiries } = someExpiries();
    expiries.add('passed', 500);
    clock.advance(0);
    expect(expired).toEqual(['passed']);
  });

  it('A2 ends a member within a second after the clock was set forward, also beyond a short timer', () => {
    const steady = createFakeClock(1_000);
    let aheadMs = 0;
    const expired: string[] = [];
    const clock: Clock = { now: () => steady.now() + aheadMs, after: steady.after };
    const expiries = createExpiries<string>(clock, (member) => expired.push(member));
    expiries.add('a', 3_600_000);
    expiries.add('b', 3_600_000_000);
    steady.advance(1_500);
    aheadMs = 3_600_000;
    steady.advance(1_000);
    expect(expired).toEqual(['a']);
    aheadMs = -3_600_000;
    steady.advance(3_600_000);
    expect(expired).toEqual(['a']);
    aheadMs = 3_600_000_000;
    steady.advance(1_000);
    expect(expired).toEqual(['a', 'b']);
  });

  it('keeps no timer for members that were removed', () => {
    const { clock, expiries } = someExpiries();
    expiries.add('a', 2_000);
    expiries.add('b', 2_000);
    expect(clock.pending()).toBe(1);
    expiries.remove('a', 2_000);
    expiries.remove('b', 2_000);
    expect(clock.pending()).toBe(0);
  });
});
