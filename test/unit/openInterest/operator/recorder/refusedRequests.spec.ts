import { describe, expect, it } from '@jest/globals';
import {
  createRefusedRequests,
  type RefusedRequest,
} from '../../../../../src/openInterest/operator/recorder/refusedRequests.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function refusal(given: Partial<RefusedRequest> = {}): RefusedRequest {
  return {
    at: NOON,
    status: 401,
    code: 'key_unknown',
    keyId: null,
    address: '10.0.0.5',
    limit: null,
    ...given,
  };
}

describe('refused requests', () => {
  it('are counted by sender and reason, with the start of the series', () => {
    const refused = createRefusedRequests();
    for (let i = 0; i < 4; i += 1) refused.record(refusal({ at: NOON + i * 20_000 }));
    refused.record(refusal({ at: NOON + 61_000, address: '10.0.0.6' }));
    expect(refused.postsBetween(NOON + 20_000, NOON + 62_000)).toEqual([
      expect.objectContaining({ address: '10.0.0.5', posts: 3, since: NOON, lastAt: NOON + 60_000 }),
      expect.objectContaining({ address: '10.0.0.6', posts: 1, since: NOON + 61_000 }),
    ]);
  });

  it('start a new series after a pause of more than two minutes', () => {
    const refused = createRefusedRequests();
    refused.record(refusal());
    refused.record(refusal({ at: NOON + 120_001 }));
    expect(refused.postsBetween(NOON, NOON + 120_001)).toMatchObject([{ posts: 2, since: NOON + 120_001 }]);
  });

  it('list a sender still refused before one that has stopped, whatever their counts', () => {
    const refused = createRefusedRequests();
    for (let i = 0; i < 40; i += 1) refused.record(refusal({ at: NOON + i }));
    refused.record(refusal({ at: NOON + 40_000, status: 403, code: 'forbidden' }));
    expect(refused.postsBetween(NOON, NOON + 41_000).map((it) => it.status)).toEqual([403, 401]);
  });

  it('C5 are kept for a limited number of senders, the most recent ones', () => {
    const refused = createRefusedRequests();
    for (let i = 0; i < 1_000; i += 1)
      refused.record(refusal({ at: NOON + i, address: `10.0.${i >> 8}.${i & 255}` }));
    const kept = refused.postsBetween(NOON, NOON + 1_000).map((it) => it.address);
    expect(kept).toHaveLength(200);
    expect(kept).toContain('10.0.3.231');
  });
});
