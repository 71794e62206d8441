import { describe, expect, it } from '@jest/globals';
import { NO_CLOCK_OFFSET, adjustClockOffset } from '../../../src/client/clockOffset.ts';
import {
  PILLS,
  connectionState,
  ageLabel,
  isReceiving,
  partialBanner,
  snapshotLabel,
} from '../../../src/dashboard/live/connection.ts';
import type { Situation } from '../../../src/dashboard/live/situation.ts';
import { decodeSpark, describeSpark, linePath, SPARK_BOUNDS } from '../../../src/dashboard/board/spark.ts';

const good: Situation = {
  online: true,
  connected: true,
  hasBoard: true,
  silentMs: 2_000,
  behindMs: null,
  failures: 0,
  failure: null,
  missed: 0,
  paused: false,
  snapshot: false,
  coverage: { live: 343, late: 0, stale: 0, none: 0, total: 343 },
  universe: 343,
  newestAgeMs: 2_000,
};
const stateOf = (given: Partial<Situation>) => connectionState({ ...good, ...given });
const coverage = (live: number, stale: number, none = 0) => ({
  live,
  late: 0,
  stale,
  none,
  total: live + stale + none,
});

describe('connection state', () => {
  it('L3 is live only when data is, not when a connection is', () => {
    expect(stateOf({})).toBe('live');
    expect(stateOf({ coverage: coverage(43, 300) })).toBe('partial');
    expect(stateOf({ coverage: coverage(43, 0, 300) })).toBe('partial');
    expect(stateOf({ coverage: coverage(0, 343), newestAgeMs: 300_000 })).toBe('late');
    expect(stateOf({ silentMs: 15_000 })).toBe('silent');
  });

  it('L3 has distinct labels for live, partly live and late', () => {
    const words = (['live', 'partial', 'late'] as const).map((it) => PILLS[it].word);
    expect(words).toEqual(['Live', 'Partly live', 'Late']);
    expect(Object.values(PILLS).filter((it) => it.tone === 'warn' && it.word === 'Live')).toEqual([]);
  });

  it('tolerates a few symbols being listed or delisted', () => {
    expect(stateOf({ coverage: coverage(340, 3) })).toBe('live');
  });

  it('is the worst that applies', () => {
    expect(stateOf({ online: false, connected: false })).toBe('offline');
    expect(stateOf({ connected: false, failures: 9 })).toBe('reconnecting');
    expect(stateOf({ failures: 3, silentMs: 20_000 })).toBe('cant-sync');
    expect(stateOf({ paused: true, coverage: coverage(1, 300) })).toBe('paused');
    expect(stateOf({ paused: true, silentMs: 20_000 })).toBe('silent');
    expect(stateOf({ behindMs: 1_999 })).toBe('live');
    expect(stateOf({ behindMs: 2_000 })).toBe('resync');
  });

  it('distinguishes loading, waiting, an empty universe and snapshots', () => {
    expect(stateOf({ hasBoard: false, connected: false })).toBe('loading');
    expect(stateOf({ hasBoard: false, failures: 3 })).toBe('cant-sync');
    expect(stateOf({ hasBoard: false, online: false })).toBe('offline');
    expect(stateOf({ coverage: coverage(0, 0, 343), newestAgeMs: null })).toBe('waiting');
    expect(stateOf({ coverage: coverage(0, 0), universe: 0, newestAgeMs: null })).toBe('empty');
    // Free before its first snapshot: nothing on the board, though there are symbols.
    expect(stateOf({ coverage: coverage(0, 0), snapshot: true, newestAgeMs: null })).toBe('waiting');
    expect(stateOf({ snapshot: true })).toBe('snapshot');
  });

  it('L3 receives only while the connection works', () => {
    expect(isReceiving(stateOf({}))).toBe(true);
    expect(isReceiving(stateOf({ paused: true }))).toBe(true);
    const lost = [{ online: false }, { connected: false }, { failures: 3 }, { silentMs: 20_000 }];
    expect(lost.map((it) => isReceiving(stateOf(it)))).toEqual([false, false, false, false]);
  });

  it('shows the age of the newest sample, and how many symbols stopped', () => {
    expect(ageLabel(65_000)).toBe('OI updated 1m 05s ago');
    expect(ageLabel(null)).toBe('OI not received yet');
    expect(partialBanner(coverage(43, 300))).toBe('300 of 343 symbols have stopped updating.');
    expect(partialBanner(coverage(43, 0, 300))).toBe('300 of 343 symbols have never been sampled.');
  });

  it('shows when the next snapshot is due, or how late it is', () => {
    expect(snapshotLabel('14:00', 192_000)).toBe('Snapshot from 14:00 · next in 3m 12s');
    expect(snapshotLabel('14:00', -40_000)).toBe('Snapshot from 14:00 · next one is 40s late');
  });
});

describe('clock offset', () => {
  it('uses the quickest of the last responses', () => {
    let offset = adjustClockOffset(NO_CLOCK_OFFSET, { serverTime: 10_500, now: 10_000, tookMs: 400 });
    expect(offset.offsetMs).toBe(700);
    offset = adjustClockOffset(offset, { serverTime: 20_580, now: 20_000, tookMs: 40 });
    expect(offset.offsetMs).toBe(600);
    offset = adjustClockOffset(offset, { serverTime: 30_000, now: 30_000, tookMs: 1_000 });
    expect(offset.offsetMs).toBe(600);
  });

  it('is correct again one message after either clock was stepped', () => {
    const before = adjustClockOffset(NO_CLOCK_OFFSET, { serverTime: 10_000, now: 10_000, tookMs: 40 });
    const near = adjustClockOffset(before, { serverTime: 15_000, now: 15_900, tookMs: null });
    expect(near.offsetMs).toBe(20);
    const stepped = adjustClockOffset(near, { serverTime: 20_000, now: 620_000, tookMs: null });
    expect(stepped.offsetMs).toBe(-600_000);
  });
});

describe('sparklines', () => {
  const encode = (bytes: number[]) => Buffer.from(bytes).toString('base64');

  it('L1 break where there was no sample instead of falling to zero', () => {
    const bytes = Array.from({ length: 48 }, (_, i) => (i === 2 ? 0 : 255));
    const path = linePath(decodeSpark(encode(bytes))!, 47, 10, SPARK_BOUNDS);
    expect(path.startsWith('M0.0 0.0L1.0 0.0M3.0 0.0L4.0')).toBe(true);
  });

  it('have a text alternative: the change of the day and the times of its low and high', () => {
    const day = Array.from({ length: 48 }, (_, i) => (i === 5 ? 1 : i === 44 ? 255 : 100));
    expect(describeSpark(day, 210)).toBe('24 hour OI trend, up 2.10%, low 21h ago, high 1.5h ago');
    const risen = [...day.slice(0, 47), 255];
    expect(describeSpark(risen, -318)).toBe('24 hour OI trend, down 3.18%, low 21h ago, high now');
    expect(describeSpark(risen, null)).toBe('24 hour OI trend, low 21h ago, high now');
    expect(describeSpark(Array<number>(48).fill(128), 0)).toBe('24 hour OI trend, 0.00%, flat');
  });

  it('are not drawn from invalid data', () => {
    expect([
      decodeSpark(null),
      decodeSpark('%%'),
      decodeSpark('AAAA'),
      decodeSpark(encode(Array(48).fill(0))),
    ]).toEqual([null, null, null, null]);
  });
});
