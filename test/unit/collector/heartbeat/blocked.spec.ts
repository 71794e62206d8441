import { describe, expect, it } from '@jest/globals';
import { reportBlocked } from '../../../../src/collector/heartbeat/blocked.ts';
import type { JobStatus } from '../../../../src/collector/job.types.ts';
import type { BudgetStatus, ExchangeClosure } from '../../../../src/collector/collector.types.ts';
import { SECOND_MS } from '../../../../src/kit/clock.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const OPEN: BudgetStatus = {
  usedWeight: 1,
  oursWeight: 1,
  othersWeight: 0,
  budget: 2_000,
  limit: 2_400,
  bannedUntil: null,
  closures: { weight: null, futuresData: null },
  waitingMs: 0,
  status429: 0,
  status418: 0,
};

const job = (name: string, state: JobStatus['state'] = 'up'): JobStatus => ({ name, state });
const closedBy = (by: ExchangeClosure['by'], reason: string): BudgetStatus => {
  const closure = { by, reason, until: NOW + 24 * SECOND_MS };
  return { ...OPEN, othersWeight: 2_399, closures: { weight: closure, futuresData: closure } };
};

describe('a job blocked by the exchange', () => {
  it.each([
    ['exchange_ban', 'the exchange has banned this address (418)'],
    ['exchange_address', 'the exchange does not serve the country of this address (451)'],
  ] as const)('is down by %s, with the reason and the end', (by, reason) => {
    for (const name of ['poller', 'liquid-universe', 'snapshots']) {
      expect(reportBlocked(job(name), closedBy(by, reason), NOW)).toEqual({
        name,
        state: 'down',
        blockedBy: by,
        waitsUntil: NOW + 24 * SECOND_MS,
        note: `${reason}; waits 24 s more`,
      });
    }
    for (const name of ['backfill', 'proxy']) {
      expect(reportBlocked(job(name), closedBy(by, reason), NOW)).toMatchObject({
        state: 'slow',
        blockedBy: by,
      });
    }
    expect(reportBlocked(job('mark-prices'), closedBy(by, reason), NOW)).toEqual(job('mark-prices'));
  });

  it('reports the use of the limit after a 429', () => {
    const budget = closedBy(
      'exchange_limit',
      'the exchange has had too many requests from this address (429)',
    );
    expect(reportBlocked(job('poller'), budget, NOW)).toMatchObject({
      state: 'slow',
      note:
        'the exchange has had too many requests from this address (429); ' +
        'weight a minute: ours 1, others 2,399 of 2,400; waits 24 s more',
    });
    expect(reportBlocked(job('poller', 'down'), budget, NOW).state).toBe('down');
  });

  it('reports the use of the weight while it waits without a refusal', () => {
    const waiting = { ...OPEN, othersWeight: 2_200, waitingMs: 40 * SECOND_MS };
    expect(reportBlocked(job('poller', 'slow'), waiting, NOW)).toMatchObject({
      state: 'slow',
      blockedBy: 'exchange_weight',
      note: 'waits for request weight for 40 s: weight a minute: ours 1, others 2,200 of 2,400',
    });
    expect(reportBlocked(job('poller'), waiting, NOW)).toEqual(job('poller'));
    const unknown = { ...waiting, othersWeight: null };
    expect(reportBlocked(job('poller', 'down'), unknown, NOW).note).toMatch(/others not known yet$/);
  });

  it('is unchanged while the exchange is open', () => {
    expect(reportBlocked(job('poller', 'slow'), OPEN, NOW)).toEqual(job('poller', 'slow'));
  });
});
