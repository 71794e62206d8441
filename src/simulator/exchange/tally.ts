import { MINUTE_MS } from '../../kit/clock.ts';
import type { Ban, MinuteTally, Outcome, Pool } from '../faults/stats.types.ts';

type CountedRequest = { address: string; now: number; outcome: Outcome; pool: Pool; cost: number };

/** Six hours of one address, so that a simulator that runs for days does not grow. */
const MOST_ROWS = 360;

export type Tally = ReturnType<typeof createTally>;

/** The exchange's count of requests, by wall-clock minute and address: tests judge a client by it. */
export function createTally() {
  const rows: MinuteTally[] = [];
  const bans: Ban[] = [];
  const totals = { requests: 0, refused: 0, duringBan: 0 };

  function rowOf(address: string, now: number): MinuteTally {
    const minute = now - (now % MINUTE_MS);
    const known = rows.findLast((row) => row.minute === minute && row.address === address);
    if (known) return known;
    const row: MinuteTally = {
      minute,
      address,
      requests: 0,
      acceptedWeight: 0,
      refusedWeight: 0,
      futuresDataRequests: 0,
      refused: 0,
      duringBan: 0,
    };
    rows.push(row);
    if (rows.length > MOST_ROWS) rows.shift();
    return row;
  }

  return {
    note({ address, now, outcome, pool, cost }: CountedRequest): void {
      const row = rowOf(address, now);
      for (const counts of [row, totals]) {
        counts.requests += 1;
        if (outcome === 'refused') counts.refused += 1;
        if (outcome === 'banned') counts.duringBan += 1;
      }
      if (pool === 'futuresData') row.futuresDataRequests += 1;
      if (pool !== 'requestWeight') return;
      if (outcome === 'accepted') row.acceptedWeight += cost;
      else row.refusedWeight += cost;
    },
    noteBan(ban: Ban): void {
      bans.push(ban);
      if (bans.length > MOST_ROWS) bans.shift();
    },
    /** Oldest first. */
    minutes: () => rows.map((row) => ({ ...row })),
    bans: () => [...bans],
    /** Since the start; `minutes` forgets. */
    totals: () => ({ ...totals }),
  };
}
