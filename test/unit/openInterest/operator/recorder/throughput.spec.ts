import { describe, expect, it } from '@jest/globals';
import { createPublishDelays } from '../../../../../src/openInterest/operator/recorder/publishDelays.ts';
import { createThroughput } from '../../../../../src/openInterest/operator/recorder/throughput.ts';

const T = Date.UTC(2026, 10, 20, 14, 0, 0);

describe('throughput', () => {
  it('counts what came within the time asked for, however many requests there were', () => {
    const throughput = createThroughput();
    for (let i = 0; i < 10_000; i += 1) {
      const errors = i % 100 === 0 ? 1 : 0;
      throughput.record(T + i * 30, { requests: 1, errors, accepted: 100, rejectedItems: 2 });
    }
    expect(throughput.totalBetween(T, T + 300_000)).toEqual({
      requests: 10_000,
      errors: 100,
      accepted: 1_000_000,
      rejectedItems: 20_000,
    });
    expect(throughput.totalBetween(T + 240_000, T + 300_000).requests).toBe(2_000);
  });

  it('forgets what is older than half an hour instead of counting it as new', () => {
    const throughput = createThroughput();
    const one = { requests: 1, errors: 0, accepted: 1, rejectedItems: 0 };
    throughput.record(T, one);
    throughput.record(T + 1_800_000, one);
    expect(throughput.totalBetween(T, T + 1_800_000).requests).toBe(1);
    expect(throughput.totalBetween(T + 1_800_000, T + 1_800_000).requests).toBe(1);
  });
});

describe('delays from post to broadcast', () => {
  it('are measured from the receipt of each chunk to the window that carried it', () => {
    const delays = createPublishDelays();
    delays.merged(T);
    delays.merged(T + 400);
    delays.published(T + 1_000);
    delays.merged(T + 1_900);
    delays.published(T + 2_000);
    expect(delays.percentilesSince(T)).toEqual({ p50: 600, p95: 1_000, chunks: 3 });
    expect(delays.percentilesSince(T + 1_500)).toEqual({ p50: 100, p95: 100, chunks: 1 });
  });

  it('are not known before there is one', () => {
    const delays = createPublishDelays();
    delays.published(T);
    delays.merged(T);
    expect(delays.percentilesSince(0)).toBeNull();
  });

  it('keep the newest 512 and wait for no more than a flood', () => {
    const delays = createPublishDelays();
    for (let i = 0; i < 10_000; i += 1) delays.merged(T);
    delays.published(T + 50);
    for (let i = 0; i < 512; i += 1) {
      delays.merged(T + i);
      delays.published(T + i + 7);
    }
    expect(delays.percentilesSince(0)).toEqual({ p50: 7, p95: 7, chunks: 512 });
  });
});
