import { formatDecimal, formatLine, formatMoment } from '../../../kit/format.shared.ts';
import type { ConnectionUsage } from '../../../platform/database/activity.ts';
import type { StoreFault } from '../recorder/storeOutcome.ts';
import type { TableLock } from '../../../platform/database/activity.ts';
import type { DatabaseFacts } from './databaseFacts.ts';
import { wordsOf } from './databaseWords.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** Postgres and Redis, judged by the outcome of real statements and commands. */

export function judgeDatabase({ database, production, now }: DoctorFacts): Verdict {
  const { pingMs, fault, writeFault, busyPool } = database;
  const name = database.kind === 'embedded' ? 'embedded Postgres' : 'Postgres';
  const wrong = pingMs === null ? (fault ?? UNKNOWN_FAULT) : writeFault;
  if (wrong) {
    return {
      finding: `${name} ${describeFault(wrong, database, now)}; ingest answers 503 and nothing is lost`,
      state: 'BROKEN',
      next: remedyOf(wrong, database),
    };
  }
  const finding = `${name} answers in ${pingMs} ms`;
  if (busyPool) {
    return {
      finding: `${finding}; all ${busyPool.max} connections of the pool "${busyPool.name}" are in use, ${busyPool.waiting} wait`,
      state: 'DEGRADED',
      next: 'raise DATABASE_POOL_MAX, or reduce concurrent readers',
    };
  }
  if (pingMs !== null && pingMs > SLOW_MS) {
    return {
      finding: `${finding}, which is slow`,
      state: 'DEGRADED',
      next: 'check the load of Postgres and the network to it; DATABASE_URL has its address',
    };
  }
  if (production && database.kind === 'embedded') {
    return {
      finding: `${finding}; NODE_ENV is production and DATABASE_URL is not set`,
      state: 'DEGRADED',
      next: 'set DATABASE_URL; without it history is lost with the disk of this machine',
      minor: true,
    };
  }
  return { finding, state: 'ok' };
}

/** A healthy one answers within a few ms. */
const SLOW_MS = 1_000;
const UNKNOWN_FAULT: StoreFault = { kind: 'no_answer', code: null, message: '' };

function describeFault(fault: StoreFault, { lock, usage }: DatabaseFacts, now: number): string {
  const code = [fault.code, fault.message].filter(Boolean).join(': ');
  return [
    wordsOf(fault).says,
    ...(lock ? [`${fault.kind === 'lock_timeout' ? '' : ': lock'} ${describeLock(lock, now)}`] : []),
    ...(usage ? [`: ${describeUsage(usage)}`] : []),
    ...(code === '' ? [] : [` (${formatLine(code, 120)})`]),
  ].join('');
}

function remedyOf(fault: StoreFault, { lock, kind, pingMs }: DatabaseFacts): string {
  if (lock) return `psql "$DATABASE_URL" -c "select pg_terminate_backend(${lock.pid})"`;
  if (pingMs === null && kind === 'embedded') {
    return 'restart this server, which starts it; read postgres/postgres.log in DATA_DIR';
  }
  return wordsOf(fault).next;
}

function describeLock({ table, pid, application, since, query }: TableLock, now: number): string {
  const who = [
    application === '' ? '' : `"${application}"`,
    since === null ? '' : `since ${formatMoment(since, now)}`,
    query === '' ? '' : formatLine(query, 60),
  ].filter(Boolean);
  return `on ${table ?? 'rows'} held by pid ${pid}${who.length === 0 ? '' : ` (${who.join(', ')})`}`;
}

function describeUsage({ max, reserved, used, by }: ConnectionUsage): string {
  const most = by.slice(0, 3).map((it) => `${it.application || it.role} ${it.connections}`);
  return `${used} of ${max - reserved} in use, most by ${most.join(', ')}`;
}

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
