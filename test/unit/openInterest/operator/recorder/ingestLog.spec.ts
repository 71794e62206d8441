import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createIngestLog } from '../../../../../src/openInterest/operator/recorder/ingestLog.ts';
import type { IngestRecord } from '../../../../../src/openInterest/operator/recorder/ingestRecord.ts';
import { NOON, aRecord } from '../records.ts';

function aLog(records: readonly IngestRecord[] = []) {
  const log = createIngestLog();
  for (const record of records) log.record(record);
  return log;
}

describe('ingest log', () => {
  it('L4 sums up all chunks since a time, including refused ones', () => {
    const refused = aRecord({ at: NOON + 2_000, status: 503, inserted: 0, duplicates: 0, rejected: 0 });
    const log = aLog([aRecord({ at: NOON - 1 }), aRecord(), aRecord({ at: NOON + 1_000 }), refused]);
    expect(log.totalsSince(NOON)).toEqual({
      chunks: 3,
      refusedChunks: 1,
      received: 300,
      inserted: 180,
      duplicates: 16,
      rejected: 4,
      withoutUsd: 3,
    });
  });

  it('L4 counts chunks since a time in any order of completion', () => {
    const anyTimes = fc.array(fc.integer({ min: NOON - 60_000, max: NOON + 60_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(anyTimes, (times) => {
        const log = aLog(times.map((at) => aRecord({ at })));
        expect(log.totalsSince(NOON).chunks).toBe(times.filter((at) => at >= NOON).length);
        const latest = times.length === 0 ? null : Math.max(...times);
        expect(log.lastAcceptedAt()).toBe(latest);
      }),
    );
  });

  it('L4 counts a minute of two keys at their limit without losing one', () => {
    const log = aLog(Array.from({ length: 2_400 }, (_, i) => aRecord({ at: NOON + i * 25 })));
    expect(log.totalsSince(NOON).chunks).toBe(2_400);
  });

  it('C5 keeps a limited number of requests, the latest ones', () => {
    const log = aLog(
      Array.from({ length: 10_000 }, (_, i) => aRecord({ at: NOON + i, requestId: `r-${i}` })),
    );
    expect(log.last(100_000).length).toBeLessThanOrEqual(2_400);
    expect(log.last(3).map((it) => it.requestId)).toEqual(['r-9999', 'r-9998', 'r-9997']);
    expect([log.has('r-9999'), log.has('r-0')]).toEqual([true, false]);
  });

  it('returns none when none is requested', () => {
    const log = aLog([aRecord()]);
    expect(log.last(0)).toEqual([]);
  });

  it('records the last accepted chunk and the last refusal separately', () => {
    const log = aLog();
    expect([log.lastAcceptedAt(), log.lastRefused()]).toEqual([null, null]);
    const refused = aRecord({ at: NOON + 1, status: 400, reason: 'no_valid_items' });
    log.record(aRecord());
    log.record(refused);
    expect([log.lastAcceptedAt(), log.lastRefused()]).toEqual([NOON, refused]);
    log.record(aRecord({ at: NOON + 2 }));
    expect([log.lastAcceptedAt(), log.lastRefused()]).toEqual([NOON + 2, refused]);
  });
});
