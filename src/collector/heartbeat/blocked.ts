import { SECOND_MS } from '../../kit/clock.ts';
import { formatCount } from '../../kit/format.shared.ts';
import type { Pool } from '../binance/budget/closures.ts';
import type { JobStatus } from '../job.types.ts';
import type { BudgetStatus } from '../collector.types.ts';

/** The counter that each job's requests use, and the job's state while it is closed. Other jobs are unaffected. */
const ASKING: Readonly<Record<string, { pool: Pool; blocked: 'slow' | 'down' }>> = {
  poller: { pool: 'weight', blocked: 'down' },
  'liquid-universe': { pool: 'weight', blocked: 'down' },
  snapshots: { pool: 'weight', blocked: 'down' },
  backfill: { pool: 'futuresData', blocked: 'slow' },
  positioning: { pool: 'futuresData', blocked: 'slow' },
  proxy: { pool: 'weight', blocked: 'slow' },
};

/** A longer wait for request weight is caused by other programs. */
const LONG_WAIT_MS = 10 * SECOND_MS;

/**
 * A job's status while the exchange refuses requests, as soon as that is known: the job itself only notices when its next
 * request is refused. `now`: epoch ms of the system clock.
 */
export function reportBlocked(job: JobStatus, budget: BudgetStatus, now: number): JobStatus {
  const asking = ASKING[job.name];
  if (!asking) return job;
  const closure = budget.closures[asking.pool];
  if (closure) {
    const { by, until, reason } = closure;
    const use = by === 'exchange_limit' ? `; ${describeUse(budget)}` : '';
    return {
      ...job,
      // The exchange accepts requests again within the minute.
      state: by === 'exchange_limit' && job.state !== 'down' ? 'slow' : asking.blocked,
      blockedBy: by,
      waitsUntil: until,
      note: `${reason}${use}; waits ${Math.max(0, Math.ceil((until - now) / SECOND_MS))} s more`,
    };
  }
  const { waitingMs } = budget;
  if (asking.pool !== 'weight' || job.state === 'up' || waitingMs <= LONG_WAIT_MS) return job;
  return {
    ...job,
    state: job.state === 'down' ? 'down' : 'slow',
    blockedBy: 'exchange_weight',
    note: `waits for request weight for ${Math.round(waitingMs / SECOND_MS)} s: ${describeUse(budget)}`,
  };
}

function describeUse({ oursWeight, othersWeight, limit }: BudgetStatus): string {
  const others =
    othersWeight === null ? 'not known yet' : `${formatCount(othersWeight)} of ${formatCount(limit)}`;
  return `weight a minute: ours ${formatCount(oursWeight)}, others ${others}`;
}
