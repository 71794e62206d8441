import { describe, expect, it } from '@jest/globals';
import { createDuplicateCollectors } from '../../../../../src/openInterest/operator/collectors/duplicateCollectors.ts';
import { createFakeClock } from '../../../../support/fakeClock.ts';

const beat = (startedAt?: number) => ({
  collector: 'oi-poller',
  everySec: 10,
  jobs: [],
  ...(startedAt === undefined ? {} : { startedAt }),
});

describe('two collectors of one name', () => {
  it('are detected by alternating beats, until a minute after the last', () => {
    const clock = createFakeClock();
    const duplicates = createDuplicateCollectors(clock);
    for (const startedAt of [1_000, 2_000, 1_000]) duplicates.observe(beat(startedAt));
    expect(duplicates.has('oi-poller')).toBe(true);
    clock.advance(60_001);
    expect(duplicates.has('oi-poller')).toBe(false);
  });

  it('are reported until a minute after the later one ended, while the earlier one continues', () => {
    const clock = createFakeClock();
    const duplicates = createDuplicateCollectors(clock);
    for (const startedAt of [1_000, 2_000, 1_000]) duplicates.observe(beat(startedAt));
    for (let beats = 0; beats < 7; beats += 1) {
      clock.advance(10_000);
      duplicates.observe(beat(1_000));
    }
    expect(duplicates.has('oi-poller')).toBe(false);
  });

  it('are not one that restarted, nor one without a start time', () => {
    const duplicates = createDuplicateCollectors(createFakeClock());
    for (const startedAt of [1_000, 1_000, 2_000, 2_000, undefined]) duplicates.observe(beat(startedAt));
    expect(duplicates.has('oi-poller')).toBe(false);
  });
});
