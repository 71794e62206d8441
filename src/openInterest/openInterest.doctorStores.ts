import { formatDecimal } from '../kit/format.shared.ts';
import type { DatabaseFault, DoctorFacts } from './openInterest.doctorFacts.ts';
import type { JudgedStage } from './openInterest.doctorStage.ts';

/** The stores: whether Postgres and Redis do what they are asked, and if not, what they say. */

export function judgeDatabase({ database, production }: DoctorFacts): JudgedStage {
  const kind = database.kind === 'embedded' ? 'embedded Postgres' : 'Postgres';
  if (database.pingMs === null) {
    return {
      stage: 'database',
      finding: `${kind} ${describeDatabaseFault(database.fault)}; ingest answers 503 and nothing is lost`,
      state: 'BROKEN',
      next:
        database.kind === 'embedded'
          ? 'restart this server, which starts it; read postgres/postgres.log in DATA_DIR'
          : remedyOf(database.fault),
    };
  }
  const finding = `${kind} answers in ${formatDecimal(database.pingMs, 0)} ms`;
  if (production && database.kind === 'embedded') {
    return {
      stage: 'database',
      finding: `${finding}; NODE_ENV is production and DATABASE_URL is not set`,
      state: 'DEGRADED',
      next: 'set DATABASE_URL; without it history ends with the disk of this one machine',
      minor: true,
    };
  }
  return { stage: 'database', finding, state: 'ok' };
}

/** By SQLSTATE: what it means for an operator, and what helps. */
const DATABASE_FAULTS: readonly { codes: RegExp; says: string; next: string }[] = [
  {
    codes: /^53300$/,
    says: 'has no connection left (53300, too many connections)',
    next: 'as a superuser: psql "$DATABASE_URL" -c "table pg_stat_activity"; lower the pool of the program with most (here: DATABASE_POOL_MAX) or raise max_connections',
  },
  {
    codes: /^28/,
    says: 'refuses the user or the password',
    next: 'check the user and the password in DATABASE_URL',
  },
  { codes: /^3D000$/, says: 'has no such database', next: 'check the name of the database in DATABASE_URL' },
  { codes: /^57P03$/, says: 'is starting or recovering', next: 'wait a minute; then read its log' },
];

function describeDatabaseFault(fault: DatabaseFault | null): string {
  if (fault === null) return 'does not answer';
  const known = DATABASE_FAULTS.find((it) => it.codes.test(fault.code ?? ''));
  return known ? known.says : `does not answer (${fault.code ?? fault.message})`;
}

function remedyOf(fault: DatabaseFault | null): string {
  const known = DATABASE_FAULTS.find((it) => it.codes.test(fault?.code ?? ''));
  return known?.next ?? 'start Postgres, then check DATABASE_URL and its log';
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
    finding: 'Redis is out of memory and takes no writes',
    next: 'raise maxmemory, or set maxmemory-policy allkeys-lru',
  },
  {
    says: /^READONLY/,
    finding: 'Redis is a replica and takes no writes',
    next: 'point REDIS_URL at the primary',
  },
  {
    says: /^MISCONF/,
    finding: 'Redis cannot save to its disk and takes no writes',
    next: 'make room on the disk of Redis, or read its log',
  },
  { says: /^LOADING/, finding: 'Redis is loading its data', next: 'wait until it has started' },
];

/** Redis carries no samples to the database, so whatever is wrong with it explains nothing further on. */
export function judgeRedis({ redis }: DoctorFacts): JudgedStage {
  if (!redis.configured)
    return { stage: 'redis', finding: 'not configured; this node works alone', state: 'ok' };
  if (redis.pingMs !== null) {
    return { stage: 'redis', finding: `answers in ${formatDecimal(redis.pingMs, 0)} ms`, state: 'ok' };
  }
  const { fault } = redis;
  const known = fault === null ? undefined : REDIS_FAULTS.find((it) => it.says.test(fault));
  const finding = known?.finding ?? `does not answer${fault === null ? '' : ` (${fault})`}`;
  return {
    stage: 'redis',
    finding: `${finding}; nodes repair from Postgres every 10s`,
    state: 'DEGRADED',
    next: known?.next ?? 'start Redis, then check REDIS_URL',
    minor: true,
  };
}
