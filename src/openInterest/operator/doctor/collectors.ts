import { formatAge } from '../../../kit/format.shared.ts';
import { judgeCollector } from './collector.ts';
import type { DoctorFacts } from './facts.ts';
import { describePosts, REMEDIES } from './ingest.ts';
import type { Verdict } from './verdict.ts';

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
