import { formatLine, formatMoment } from '../../../kit/format.shared.ts';
import type { ConnectionUsage, TableLock } from '../../../platform/database/activity.ts';
import type { StoreFault } from '../recorder/storeOutcome.ts';
import type { DatabaseFacts } from './databaseFacts.ts';
import { wordsOf } from './databaseWords.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** Postgres, judged by the outcome of real statements. */
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
