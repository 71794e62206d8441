import { formatDecimal } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

const REDIS_FAULTS: readonly { says: RegExp; finding: string; next: string }[] = [
  {
    says: /WRONGPASS|NOAUTH|invalid (username-)?password|AUTH <password>/i,
    finding: 'Redis refuses the password',
    next: 'check the user and the password in REDIS_URL',
  },
  {
    says: /^NOPERM/,
    finding: 'Redis refuses this user a command',
    next: 'allow the user of REDIS_URL ~oi:* &oi:* +@all',
  },
  {
    says: /^OOM/,
    finding: 'Redis is out of memory and refuses writes',
    next: 'raise maxmemory, or set maxmemory-policy allkeys-lru',
  },
  {
    says: /^READONLY/,
    finding: 'Redis is a replica and refuses writes',
    next: 'point REDIS_URL at the primary',
  },
  {
    says: /^MISCONF/,
    finding: 'Redis cannot save to its disk and refuses writes',
    next: 'free space on the disk of Redis, or read its log',
  },
  {
    says: /max number of clients/,
    finding: 'Redis refuses new clients: maxclients is reached',
    next: 'raise maxclients of Redis, or close idle clients (redis-cli client list)',
  },
  {
    says: /^DENIED/,
    finding: 'Redis runs in protected mode and refuses clients of other machines',
    next: 'set a password in Redis and in REDIS_URL',
  },
  { says: /^LOADING/, finding: 'Redis is loading its data', next: 'wait until it has started' },
];

/** Samples reach the database without Redis, so its faults explain no later stage. */
export function judgeRedis({ redis }: DoctorFacts): Verdict {
  if (!redis.configured) return { finding: 'not configured; this node works alone', state: 'ok' };
  if (redis.pingMs !== null) {
    return { finding: `answers in ${formatDecimal(redis.pingMs, 0)} ms`, state: 'ok' };
  }
  const { fault } = redis;
  const known = fault === null ? undefined : REDIS_FAULTS.find((it) => it.says.test(fault));
  const finding = known?.finding ?? `does not answer${fault === null ? '' : ` (${fault})`}`;
  return {
    finding: `${finding}; nodes repair from Postgres every 10s`,
    state: 'DEGRADED',
    next: known?.next ?? 'start Redis, then check REDIS_URL',
    minor: true,
  };
}
