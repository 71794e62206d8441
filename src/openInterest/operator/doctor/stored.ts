import { SECOND_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount, formatCountOf, formatDelay } from '../../../kit/format.shared.ts';
import { describeTier } from '../../history/tierWords.shared.ts';
import type { DoctorFacts } from './facts.ts';
import { curlOf, type Verdict } from './verdict.ts';

/** How far samples get after the board: stored, published. */

/** Added to the longest configured wait, because a briefly busy event loop is no fault. */
const STUCK_MS = 5 * SECOND_MS;

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

export function judgeBroadcast({ broadcast, board, now }: DoctorFacts): Verdict {
  const { waitingSince, publishedAt } = broadcast;
  const sockets = `${formatCount(broadcast.realtimeSockets)} sockets in realtime, ${formatCount(broadcast.snapshotSockets)} in snapshot`;
  if (!broadcast.realtimeEnabled) {
    return { finding: `realtime is switched off (shadow mode), ${sockets}`, state: 'ok' };
  }
  if (waitingSince !== null && now - waitingSince > broadcast.maxWaitMs + STUCK_MS) {
    return {
      finding: `changes have waited for ${formatAge(now - waitingSince)}, ${sockets}`,
      state: 'BROKEN',
      next: 'the board changes and nothing is published: restart the node',
    };
  }
  if (publishedAt === null) {
    return { finding: `nothing published yet, ${sockets}`, state: 'WAITING', next: 'see ingest' };
  }
  // A window may be published while the other facts are read.
  const ageMs = Math.max(0, now - publishedAt);
  const finding = `seq ${broadcast.seq}, ${formatDelay(ageMs)} ago, ${sockets}`;
  if (ageMs > board.pace.lateMs) return { finding, state: 'LATE', next: 'see ingest' };
  return { finding, state: 'ok' };
}
