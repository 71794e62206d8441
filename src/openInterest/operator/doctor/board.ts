import { formatAge, formatCount, formatMoment } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import { curlOf, type Verdict } from './verdict.ts';

/** Whether the board shows every symbol that should be live. */
export function judgeBoard({ board, ingest, now, baseUrl }: DoctorFacts): Verdict {
  const missing = board.late + board.stale + board.unsampled;
  const total = board.symbols + board.unsampled;
  if (total === 0 || (board.symbols === 0 && ingest.lastAcceptedAt === null)) {
    return { finding: 'empty: no sample has been received', state: 'WAITING', next: 'see ingest' };
  }
  const silent = board.late + board.stale;
  const finding = [
    `${formatCount(board.live)} of ${formatCount(total)} symbols live`,
    ...(silent > 0 && board.silentSince !== null
      ? [
          `${formatCount(silent)} not seen since ${formatMoment(board.silentSince, now)} (${formatAge(now - board.silentSince)})`,
        ]
      : []),
    ...(board.unsampled > 0 ? [`${formatCount(board.unsampled)} never sampled`] : []),
    ...(board.entering > 0 ? [`${formatCount(board.entering)} just entered`] : []),
    ...(board.withoutUsd > 0 ? [`${formatCount(board.withoutUsd)} without USD (no mark price)`] : []),
  ].join(', ');
  const next = curlOf(`${baseUrl}/debug/trace/${encodeURIComponent(board.example ?? 'BTCUSDT')}`);
  if (missing > total * 0.1) return { finding, state: 'BROKEN', next };
  if (missing > 0) return { finding, state: 'LATE', next };
  if (board.withoutUsd > 0) {
    return { finding, state: 'DEGRADED', next: 'check the mark prices of the collector', minor: true };
  }
  return { finding, state: 'ok' };
}
