import { MINUTE_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount } from '../../../kit/format.shared.ts';
import { judgeCollector } from './collector.ts';
import type { DoctorFacts } from './facts.ts';
import { describePosts, REMEDIES } from './ingest.ts';
import { curlOf, type Verdict } from './verdict.ts';

/** What every flow needs first: a universe, and a sender. */

/** The universe job runs every 5 min. */
const UNIVERSE_LATE_MS = 15 * MINUTE_MS;

export function judgeUniverse({ universe, now, baseUrl }: DoctorFacts): Verdict {
  const next = `run the liquid universe job; ${curlOf(`${baseUrl}/api/market/open-interest/liquid-universe`)}`;
  if (universe.total === 0 || universe.updatedAt === null) {
    return { finding: 'no symbols yet', state: 'WAITING', next };
  }
  const ageMs = now - universe.updatedAt;
  const finding = `${formatCount(universe.total)} symbols, updated ${formatAge(ageMs)} ago`;
  // Pollers continue with the previous universe.
  if (ageMs > UNIVERSE_LATE_MS) return { finding, state: 'LATE', next, minor: true };
  return { finding, state: 'ok' };
}

export function judgeCollectors(facts: DoctorFacts): Verdict[] {
  const { collectors } = facts;
  if (collectors === null) {
    return [{ finding: 'heartbeats cannot be read', state: 'DEGRADED', next: 'see database', minor: true }];
  }
  if (collectors.length > 0) return collectors.map((it) => judgeCollector(it, facts));
  return [judgeUnreported(facts)];
}

/** Pollers without heartbeats are judged by their posts. */
function judgeUnreported({ ingest, board, now }: DoctorFacts): Verdict {
  const { lastAcceptedAt, lastStoredAt, refusedPosts, windowSec } = ingest;
  const seenAt = Math.max(lastAcceptedAt ?? -Infinity, lastStoredAt ?? -Infinity);
  const isSilent = now - seenAt > board.pace.lateMs;
  const [refused] = refusedPosts;
  if (isSilent && refused) {
    return {
      finding: `a sender is running, but is refused: ${describePosts(refused, windowSec)}`,
      state: 'BROKEN',
      next: REMEDIES[refused.status] ?? 'check what it posts',
    };
  }
  if (!Number.isFinite(seenAt)) {
    return {
      finding: 'no heartbeat and no chunk yet',
      state: 'WAITING',
      next: 'start a collector, or point the poller at this server',
    };
  }
  const finding = `no heartbeat, inferred from ingest: last chunk ${formatAge(now - seenAt)} ago`;
  if (!isSilent) return { finding, state: 'ok' };
  return { finding, state: 'LATE', next: 'start the poller, or read its log' };
}
