import { HOUR_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount, formatMoment } from '../../../kit/format.shared.ts';
import { POLLER } from '../collectors/collectorViews.ts';
import { describeBlock, describeReportedError } from './collectorWords.ts';
import type { DoctorFacts } from './facts.ts';
import { describePosts, REMEDIES } from './ingest.ts';
import { compareStates, type JudgedStage } from './stage.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import type { CollectorHeartbeat } from '../collectors/heartbeat.types.ts';

type Job = CollectorHeartbeat['jobs'][number];
/** One thing that is wrong with a collector. */
type Trouble = Pick<JudgedStage, 'state' | 'minor'> & { says: string; next: string };

/** What is lost is shown for a day and counts against health for an hour: nothing can bring it back. */
const LOSS_COUNTS_MS = HOUR_MS;
/** The clocks line says whose clock is wrong. */
const WRONG_CLOCK = /^the clock of this machine is /;
const READ_LOG = 'read the log of the collector';

export function judgeCollector(collector: CollectorState, facts: DoctorFacts): JudgedStage {
  const { heartbeat, ageSec } = collector;
  const troubles = troublesOf(collector, facts).toSorted(
    (a, b) => Number(a.minor ?? false) - Number(b.minor ?? false) || compareStates(a.state, b.state),
  );
  const finding = [
    `${heartbeat.collector} ${heartbeat.stopping ? 'stopped in order' : 'beat'} ${formatAge(ageSec * 1_000)} ago`,
    ...(heartbeat.stopping ? [] : [describeWeight(heartbeat.weight)]),
    ...describeSpool(heartbeat.spool),
    ...troubles.map((it) => it.says).filter((it) => it !== ''),
  ].join(', ');
  const [worst] = troubles;
  if (!worst) return { stage: 'collector', finding, state: 'ok' };
  return {
    stage: 'collector',
    finding,
    state: troubles.map((it) => it.state).toSorted(compareStates)[0]!,
    next: worst.next,
    ...(troubles.every((it) => it.minor) ? { minor: true as const } : {}),
  };
}

function troublesOf(collector: CollectorState, facts: DoctorFacts): Trouble[] {
  const { heartbeat, state } = collector;
  const silence = state === 'up' && !heartbeat.stopping ? [] : silenceOf(collector, facts);
  // What a silent collector last said of its jobs is over, but a ban lasts.
  const ban = banOf(collector, facts.now);
  if (state === 'down' || heartbeat.stopping) return [...ban, ...silence];
  const jobs = heartbeat.jobs.filter(isTroubled);
  return [
    ...ban,
    ...silence,
    ...blocksOf(jobs, collector, facts.now),
    ...jobs.filter((job) => !job.blockedBy).map(troubleOfJob),
    ...twinOf(collector),
    ...troubleWithServer(collector, facts),
    ...lossesOf(collector),
  ];
}

/** `paused` is a job that has nothing to do, but the pollers of other builds pause when they may not send. */
function isTroubled(job: Job): boolean {
  if (job.state === 'slow' || job.state === 'down') return true;
  return job.state === 'paused' && (Boolean(job.blockedBy) || (POLLER.test(job.name) && Boolean(job.note)));
}

function silenceOf({ heartbeat, state, ageSec }: CollectorState, facts: DoctorFacts): Trouble[] {
  const { ingest, now, board, database } = facts;
  const flows = now - Math.max(ingest.lastAcceptedAt ?? 0, ingest.lastStoredAt ?? 0) <= board.pace.lateMs;
  if (heartbeat.stopping) {
    return flows ? [] : [{ state: 'LATE', says: '', next: 'start the collector' }];
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
        says: `it runs, its key is refused: ${describePosts(refused, ingest.windowSec)}`,
        next: REMEDIES[refused.status]!,
      },
    ];
  }
  if (database.pingMs === null || database.writeFault) {
    return [{ state: 'DEGRADED', says: 'newer beats cannot be stored', next: 'see database', minor: true }];
  }
  const start = 'start the collector; if it runs, check its VOLSPIKE_API_URL and read its log';
  if (state === 'slow') return [{ state: 'LATE', says: '', next: start }];
  return [
    {
      state: 'BROKEN',
      says: '',
      next: `${start}; if it is retired: curl -sS -X DELETE -H "X-API-Key: $OPERATOR_KEY" '${facts.baseUrl}/api/collectors/${heartbeat.collector}'`,
    },
  ];
}

/** Each beat replaces the other's, so jobs, spool and losses of one of them are never seen. */
function twinOf({ heartbeat, hasTwin }: CollectorState): Trouble[] {
  if (!hasTwin) return [];
  return [
    {
      state: 'DEGRADED',
      says: 'two collectors report by the same name',
      next: `let each have a COLLECTOR_NAME of its own; ${heartbeat.collector} is used twice`,
    },
  ];
}

function banOf({ heartbeat }: CollectorState, now: number): Trouble[] {
  const { bannedUntil } = heartbeat;
  if (!bannedUntil || bannedUntil <= now) return [];
  return [
    {
      state: 'BROKEN',
      says: `banned by the exchange for ${formatAge(bannedUntil - now)}`,
      next: 'wait; it starts again by itself. Lower OI_MAX_REQ_PER_MIN if it comes back',
    },
  ];
}

/** What several jobs wait for is said once. A ban has been said. */
function blocksOf(jobs: readonly Job[], collector: CollectorState, now: number): Trouble[] {
  const isBanned = banOf(collector, now).length > 0;
  const reasons = new Set(jobs.flatMap((job) => job.blockedBy || []));
  if (isBanned) reasons.delete('exchange_ban');
  return [...reasons].map((reason) => {
    const waiting = jobs.filter((job) => job.blockedBy === reason);
    const { says, next, state } = describeBlock(reason, waiting, collector);
    const stopsPolling = waiting.some((job) => POLLER.test(job.name));
    return { says, next, state, ...(stopsPolling ? {} : { minor: true as const }) };
  });
}

/** A poller that reads nothing is broken; whatever else does not work, samples come all the same. */
function troubleOfJob(job: Job): Trouble {
  const error = job.lastError ? describeReportedError(job.lastError) : null;
  const about = [job.note, error].filter(Boolean).join('; ');
  if (WRONG_CLOCK.test(job.note ?? '')) {
    return {
      says: `${job.name} ${job.state} (${about})`,
      state: 'DEGRADED',
      next: 'see clocks',
      minor: true,
    };
  }
  const isPoller = POLLER.test(job.name);
  const readsNothing = job.state === 'down' || (job.state === 'paused' && job.ok === 0);
  return {
    says: `${job.name} ${job.state}${about ? ` (${about})` : ''}`,
    state: isPoller && readsNothing ? 'BROKEN' : 'DEGRADED',
    next: remedyOf(job),
    ...(isPoller ? {} : { minor: true as const }),
  };
}

function remedyOf({ name, lastError, note = '' }: Job): string {
  const about = `${lastError?.code} ${lastError?.text} ${note}`;
  if (/ENOSPC|SQLITE_FULL|disk is full/i.test(about)) {
    return 'make room on the disk of COLLECTOR_STATE_DIR, on the machine of the collector';
  }
  if (/price|funding/i.test(name)) return `check its BINANCE_WS_URL and the price stream; ${READ_LOG}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(about)) return 'check its BINANCE_REST_URL and the DNS of its machine';
  return lastError ? `ask the exchange from the machine of the collector; ${READ_LOG}` : READ_LOG;
}

/** How its posts fare here or at the other nodes. */
function troubleWithServer({ heartbeat }: CollectorState, { now }: DoctorFacts): Trouble[] {
  const { server, spool } = heartbeat;
  const troubles: Trouble[] = [];
  if (server?.failingSince && server.lastError) {
    troubles.push({
      state: 'DEGRADED',
      says: `its posts fail since ${formatMoment(server.failingSince, now)} (${describeReportedError(server.lastError)})`,
      next: REMEDIES[server.lastError.status ?? 0] ?? 'see ingest',
    });
  }
  if (spool?.waitingForTime) {
    troubles.push({
      state: 'DEGRADED',
      says: `${formatCount(spool.waitingForTime)} samples wait because their time is ahead of the server's clock`,
      next: 'see clocks',
    });
  }
  return troubles;
}

function lossesOf({ heartbeat, ageSec }: CollectorState): Trouble[] {
  const { spool, sentAt } = heartbeat;
  const ageOf = (at: number): number => (sentAt ?? at) - at + ageSec * 1_000;
  return [
    {
      count: spool?.dropped,
      lastAt: spool?.lastDroppedAt,
      what: 'samples dropped',
      next: 'what was dropped is lost; make room in COLLECTOR_STATE_DIR, or raise COLLECTOR_SPOOL_MAX_MB and COLLECTOR_SPOOL_MAX_AGE_HOURS',
    },
    {
      count: spool?.deadLetters,
      lastAt: spool?.lastDeadLetterAt,
      what: 'dead letters',
      next: 'read dead-letters.jsonl in COLLECTOR_STATE_DIR: each line has the reason',
    },
  ].flatMap(({ count, lastAt, what, next }) => {
    if (!count || !lastAt || ageOf(lastAt) > LOSS_COUNTS_MS) return [];
    return [
      {
        state: 'DEGRADED' as const,
        says: `the last ${what} ${formatAge(ageOf(lastAt))} ago`,
        next,
        minor: true as const,
      },
    ];
  });
}

function describeWeight(weight: CollectorHeartbeat['weight']): string {
  if (!weight) return 'weight not reported';
  const total = `weight ${formatCount(weight.used)}/${formatCount(weight.limit)}`;
  if (!weight.others) return total;
  return `${total} (ours ${formatCount(weight.ours ?? weight.used - weight.others)}, others ${formatCount(weight.others)})`;
}

function describeSpool(spool: CollectorHeartbeat['spool']): string[] {
  if (!spool) return [];
  return [
    ...(spool.chunks > 0 ? [`${formatCount(spool.chunks)} chunks spooled`] : []),
    ...(spool.dropped > 0 ? [`${formatCount(spool.dropped)} samples dropped`] : []),
    ...(spool.deadLetters ? [`${formatCount(spool.deadLetters)} dead letters`] : []),
  ];
}
