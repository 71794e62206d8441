import { describe, expect, it } from '@jest/globals';
import { createPublishDelays } from '../../../../../src/openInterest/operator/recorder/publishDelays.ts';

const T = Date.UTC(2026, 10, 20, 14, 0, 0);

describe('delays from post to broadcast', () => {
  it('are measured from the receipt of each chunk to the window that contains it', () => {
    const delays = createPublishDelays();
    delays.merged(T);
    delays.merged(T + 400);
    delays.published(T + 1_000);
    delays.merged(T + 1_900);
    delays.published(T + 2_000);
    expect(delays.percentilesSince(T)).toEqual({ p50: 600, p95: 1_000, chunks: 3 });
    expect(delays.percentilesSince(T + 1_500)).toEqual({ p50: 100, p95: 100, chunks: 1 });
  });

  it('are unknown before the first one', () => {
    const delays = createPublishDelays();
    delays.published(T);
    delays.merged(T);
    expect(delays.percentilesSince(0)).toBeNull();
  });

  it('keep the newest 512 and limit the chunks that wait', () => {
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
