import { formatAge, formatCount, formatCountOf } from '../../../kit/format.shared.ts';
import { describeTier } from '../../history/tierWords.shared.ts';
import type { DoctorFacts } from './facts.ts';
import { curlOf, type Verdict } from './verdict.ts';

/** Whether accepted samples are in Postgres. Earlier stages report that nothing was accepted. */
export function judgeStored(facts: DoctorFacts): Verdict {
  const { stored, storedFault, ingest, board, now, baseUrl } = facts;
  if (stored === null) {
    const why = storedFault === null ? '' : ` (${storedFault})`;
    return { finding: `cannot be read${why}`, state: 'BROKEN', next: 'see database' };
  }
  const { windowSec, totals, lastStoredAt } = ingest;
  if (board.symbols === 0 || lastStoredAt === null) {
    return { finding: 'nothing yet', state: 'WAITING', next: 'see ingest' };
  }
  const moved = [
    `${formatCount(stored.moved)} symbols moved in ${windowSec}s`,
    `${formatCount(totals.inserted)} rows by this node`,
    ...(stored.moved === 0 ? [`the last ${formatAge(now - lastStoredAt)} ago`] : []),
  ].join(', ');
  // Each symbol that this node committed as the newest must have a stored row that moved.
  if (stored.moved < stored.committed * 0.9) {
    return {
      finding: `${moved}, though it committed ${formatCount(stored.committed)} symbols`,
      state: 'BROKEN',
      next: curlOf(`${baseUrl}/api/market/open-interest/debug`),
    };
  }
  const finding = [moved, ...describeHistory(facts)].join('; ');
  const silenceMs = now - lastStoredAt;
  if (silenceMs > board.pace.lateMs) {
    return { finding, state: silenceMs > board.pace.brokenMs ? 'BROKEN' : 'LATE', next: 'see ingest' };
  }
  return { finding, state: 'ok' };
}

/** Both tiers of history; nothing where the database did not answer. */
function describeHistory({ history, now }: DoctorFacts): string[] {
  if (history === null) return [];
  const { hot, cold } = history;
  const compacted = cold.compactedAt === null ? 'never' : `${formatAge(now - cold.compactedAt)} ago`;
  return [
    `hot ${describeTier(hot)}`,
    `cold ${describeTier(cold)}`,
    `compacted ${compacted}, ${formatCountOf(hot.backlogDays, 'day')} to compact`,
  ];
}
