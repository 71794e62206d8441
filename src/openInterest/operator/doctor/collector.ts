import { formatAge } from '../../../kit/format.shared.ts';
import { POLLER } from '../collectors/collectorViews.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import type { ReportedJob } from '../collectors/heartbeat.types.ts';
import { findWrongClocks } from './clocks.ts';
import { blockOf, describeBlock } from './collectorBlock.ts';
import { findJobTroubles, isTroubled, type Trouble } from './collectorJobs.ts';
import { describeSpool, describeWeight, findLosses, findPostTroubles } from './collectorSpool.ts';
import type { DoctorFacts } from './facts.ts';
import { describePosts, REMEDIES } from './ingest.ts';
import { compareStates, type Verdict } from './verdict.ts';

/** One line for a collector: what it reports, then everything that is wrong with it, worst first. */
export function judgeCollector(collector: CollectorState, facts: DoctorFacts): Verdict {
  const { heartbeat, ageSec } = collector;
  const troubles = findTroubles(collector, facts).toSorted(
    (a, b) => Number(a.minor ?? false) - Number(b.minor ?? false) || compareStates(a.state, b.state),
  );
  const finding = [
    `${heartbeat.collector} ${heartbeat.stopping ? 'stopped in order' : 'beat'} ${formatAge(ageSec * 1_000)} ago`,
    ...(heartbeat.stopping ? [] : [describeWeight(heartbeat.weight)]),
    ...describeSpool(heartbeat.spool),
    ...troubles.map((it) => it.says).filter((it) => it !== ''),
  ].join(', ');
  const [worst] = troubles;
  if (!worst) return { finding, state: 'ok' };
  return {
    finding,
    brief: worst.brief ?? `${heartbeat.collector}: ${worst.says}`,
    state: troubles.map((it) => it.state).toSorted(compareStates)[0]!,
    next: worst.next,
    ...(troubles.every((it) => it.minor) ? { minor: true as const } : {}),
  };
}

function findTroubles(collector: CollectorState, facts: DoctorFacts): Trouble[] {
  const { heartbeat, state } = collector;
  const silence = state === 'up' && !heartbeat.stopping ? [] : findSilence(collector, facts);
  // A silent collector's report of its jobs has expired, but a ban continues.
  const ban = findBan(collector, facts.now);
  if (state === 'down' || heartbeat.stopping) return [...ban, ...silence];
  const troubled = heartbeat.jobs.filter(isTroubled);
  return [
    ...ban,
    ...silence,
    ...findBlocks(troubled, collector, facts.now),
    ...findJobTroubles(
      troubled.filter((job) => blockOf(job, heartbeat.weight) === null),
      heartbeat,
    ),
    ...findDuplicate(collector),
    ...findPostTroubles(collector, facts.now, findWrongClocks(facts).length > 0),
    ...findLosses(collector),
  ];
}

function findSilence(collector: CollectorState, facts: DoctorFacts): Trouble[] {
  const { heartbeat, state, ageSec } = collector;
  const { ingest, now, board, database } = facts;
  const name = heartbeat.collector;
  if (heartbeat.stopping) {
    const lastAt = Math.max(ingest.lastAcceptedAt ?? 0, ingest.lastStoredAt ?? 0);
    if (now - lastAt <= board.pace.lateMs) return [];
    return [{ state: 'LATE', says: '', brief: `${name} was stopped`, next: 'start the collector' }];
  }
  const refused = ingest.refusedPosts.find(
    (it) =>
      (it.status === 401 || it.status === 403) &&
      it.since >= now - ageSec * 1_000 - heartbeat.everySec * 1_000,
  );
  if (refused) {
    return [
      {
        state: 'BROKEN',
        says: `it is running, but its key is refused: ${describePosts(refused, ingest.windowSec)}`,
        brief: `the key of ${name} is refused`,
        next: REMEDIES[refused.status]!,
      },
    ];
  }
  const silent = `${name} has been silent for ${formatAge(ageSec * 1_000)}`;
  if (database.pingMs === null || database.writeFault) {
    const says = 'newer heartbeats cannot be stored';
    return [{ state: 'DEGRADED', says, brief: silent, next: 'see database', minor: true }];
  }
  const start = 'start the collector; if it is running, check its VOLSPIKE_API_URL and read its log';
  if (state === 'slow') return [{ state: 'LATE', says: '', brief: `${name} is slow`, next: start }];
  const retire = `curl -sS -X DELETE -H "X-API-Key: $OPERATOR_KEY" '${facts.baseUrl}/api/collectors/${name}'`;
  return [{ state: 'BROKEN', says: '', brief: silent, next: `${start}; if it is retired: ${retire}` }];
}

/** Each heartbeat overwrites the other collector's, which hides the jobs, spool and losses of one of them. */
function findDuplicate({ heartbeat, isDuplicate }: CollectorState): Trouble[] {
  if (!isDuplicate) return [];
  return [
    {
      state: 'DEGRADED',
      says: 'two collectors report by the same name',
      next: `give each collector its own COLLECTOR_NAME; ${heartbeat.collector} is used twice`,
    },
  ];
}

function findBan({ heartbeat }: CollectorState, now: number): Trouble[] {
  const { bannedUntil, collector } = heartbeat;
  if (!bannedUntil || bannedUntil <= now) return [];
  const says = `banned by the exchange for ${formatAge(bannedUntil - now)}`;
  return [
    {
      state: 'BROKEN',
      says,
      brief: `${collector} is ${says}`,
      next: 'wait; it resumes automatically. Lower OI_MAX_REQ_PER_MIN if it happens again',
    },
  ];
}

/** One trouble for each reason, however many jobs wait for it. A ban that `findBan` reports is left out. */
function findBlocks(jobs: readonly ReportedJob[], collector: CollectorState, now: number): Trouble[] {
  const isBanned = findBan(collector, now).length > 0;
  const reasons = new Set(jobs.flatMap((job) => blockOf(job, collector.heartbeat.weight) ?? []));
  if (isBanned) reasons.delete('exchange_ban');
  return [...reasons].map((reason) => {
    const waiting = jobs.filter((job) => job.blockedBy === reason);
    const stopsPolling = waiting.some((job) => POLLER.test(job.name));
    return {
      ...describeBlock(reason, waiting, collector),
      ...(stopsPolling ? {} : { minor: true as const }),
    };
  });
}
