import { HOUR_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount, formatMoment } from '../../../kit/format.shared.ts';
import type { CollectorHeartbeat } from '../collectors/heartbeat.types.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import { describeReportedError } from './collectorBlock.ts';
import type { Trouble } from './collectorJobs.ts';
import { REMEDIES } from './ingest.ts';

/** Losses are shown for a day and count against health for an hour: no action brings the samples back. */
const LOSS_COUNTS_MS = HOUR_MS;

export function describeWeight(weight: CollectorHeartbeat['weight']): string {
  if (!weight) return 'weight not reported';
  const total = `weight ${formatCount(weight.used)}/${formatCount(weight.limit)}`;
  if (!weight.others) return total;
  return `${total} (ours ${formatCount(weight.ours ?? weight.used - weight.others)}, others ${formatCount(weight.others)})`;
}

export function describeSpool(spool: CollectorHeartbeat['spool']): string[] {
  if (!spool) return [];
  const counts: [number | undefined, string][] = [
    [spool.chunks, 'chunks spooled'],
    [spool.waitingForTime, "samples wait because their time is ahead of the server's clock"],
    [spool.dropped, 'samples dropped'],
    [spool.deadLetters, 'dead letters'],
  ];
  return counts.flatMap(([count, what]) => (count ? [`${formatCount(count)} ${what}`] : []));
}

/**
 * What is wrong with the collector's posts, here or at another node. Samples that wait for their time are a fault while a
 * clock is wrong; afterwards they are delivered when their time comes.
 */
export function findPostTroubles(
  { heartbeat: { server, spool } }: CollectorState,
  now: number,
  isAnyClockWrong: boolean,
): Trouble[] {
  const troubles: Trouble[] = [];
  if (server?.failingSince && server.lastError) {
    troubles.push({
      state: 'DEGRADED',
      says: `its posts fail since ${formatMoment(server.failingSince, now)} (${describeReportedError(server.lastError)})`,
      next: REMEDIES[server.lastError.status ?? 0] ?? 'see ingest',
    });
  }
  if (spool?.waitingForTime && isAnyClockWrong) {
    troubles.push({
      state: 'DEGRADED',
      says: '',
      brief: `${formatCount(spool.waitingForTime)} samples wait for their time`,
      next: 'see clocks',
    });
  }
  return troubles;
}

export function findLosses({ heartbeat, ageSec }: CollectorState): Trouble[] {
  const { spool, sentAt } = heartbeat;
  const ageOf = (at: number): number => (sentAt ?? at) - at + ageSec * 1_000;
  return [
    {
      count: spool?.dropped,
      lastAt: spool?.lastDroppedAt,
      what: 'samples dropped',
      next: 'dropped samples are lost; free space in COLLECTOR_STATE_DIR, or raise COLLECTOR_SPOOL_MAX_MB and COLLECTOR_SPOOL_MAX_AGE_HOURS',
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
