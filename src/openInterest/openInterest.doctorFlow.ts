import { formatAge, formatCount } from '../kit/format.shared.ts';
import type { DoctorFacts } from './openInterest.doctorFacts.ts';
import { SILENCE_BROKEN_MS, SILENCE_LATE_MS, type Stage } from './openInterest.doctorStage.ts';

/** How far the samples get: taken in, merged, stored, sent out. */

/** A window waits a second by default and a minute at most. */
const STUCK_MS = 75_000;

export function judgeIngest({ ingest, now, startedAt, baseUrl }: DoctorFacts): Stage {
  const { totals, lastAcceptedAt, lastRefusal, windowSec } = ingest;
  const next = `curl ${baseUrl}/api/market/open-interest/debug`;
  const isRefused = lastRefusal !== null && lastRefusal.at > (lastAcceptedAt ?? -Infinity);
  const refusal = isRefused
    ? `, last refused with ${lastRefusal.status} ${lastRefusal.reason ?? ''}`.trimEnd()
    : '';
  if (lastAcceptedAt === null) {
    return {
      stage: 'ingest',
      finding: `no chunk accepted since the start ${formatAge(now - startedAt)} ago${refusal}`,
      state: isRefused ? 'BROKEN' : 'WAITING',
      next,
    };
  }
  const silenceMs = now - lastAcceptedAt;
  const accepted = totals.inserted + totals.duplicates;
  const finding = [
    `${totals.chunks - totals.refusedChunks}/${totals.chunks} chunks in ${windowSec}s`,
    `${formatCount(totals.received)} received`,
    `${formatCount(accepted)} accepted`,
    ...(totals.rejected > 0 ? [`${formatCount(totals.rejected)} refused`] : []),
  ].join(', ');
  if (silenceMs > SILENCE_LATE_MS) {
    return {
      stage: 'ingest',
      finding: `no chunk accepted for ${formatAge(silenceMs)}${refusal}`,
      state: silenceMs > SILENCE_BROKEN_MS ? 'BROKEN' : 'LATE',
      next,
    };
  }
  if (totals.refusedChunks > 0 || totals.rejected > 0) {
    return { stage: 'ingest', finding, state: 'DEGRADED', next };
  }
  return { stage: 'ingest', finding, state: 'ok' };
}

export function judgeBoard({ board, ingest, now, baseUrl }: DoctorFacts): Stage {
  const total = board.symbols + board.unsampled;
  const silent = board.late + board.stale;
  if (total === 0 || (board.symbols === 0 && ingest.lastAcceptedAt === null)) {
    return {
      stage: 'board',
      finding: 'empty: no sample has been received',
      state: 'WAITING',
      next: 'see ingest',
    };
  }
  const finding = [
    `${formatCount(board.live)} of ${formatCount(total)} symbols live`,
    ...(silent > 0 && board.silentSince !== null
      ? [`${formatCount(silent)} not seen since ${new Date(board.silentSince).toISOString().slice(11, 19)}`]
      : []),
    ...(board.unsampled > 0 ? [`${formatCount(board.unsampled)} never sampled`] : []),
    ...(board.withoutUsd > 0 ? [`${formatCount(board.withoutUsd)} without USD (no mark price)`] : []),
  ].join(', ');
  const next = `curl ${baseUrl}/debug/trace/${encodeURIComponent(board.example ?? 'BTCUSDT')}`;
  const missing = silent + board.unsampled;
  if (missing > total * 0.1) return { stage: 'board', finding, state: 'BROKEN', next };
  if (missing > 0) {
    const newest = board.silentSince === null ? '' : ` (${formatAge(now - board.silentSince)})`;
    return { stage: 'board', finding: finding + newest, state: 'LATE', next };
  }
  if (board.withoutUsd > 0) {
    return { stage: 'board', finding, state: 'DEGRADED', next: 'look at the mark prices of the collector' };
  }
  return { stage: 'board', finding, state: 'ok' };
}

export function judgeStored({ storedSymbols, ingest, board, baseUrl }: DoctorFacts): Stage {
  if (storedSymbols === null) {
    return { stage: 'stored', finding: 'cannot be read', state: 'BROKEN', next: 'see database' };
  }
  const finding = `${formatCount(storedSymbols)} symbols moved in ${ingest.windowSec}s, ${formatCount(ingest.totals.inserted)} rows by this node`;
  if (board.symbols === 0) return { stage: 'stored', finding, state: 'WAITING', next: 'see ingest' };
  // So many rows of live symbols must have moved about as many symbols, up to all of them.
  const expected = Math.min(board.live, ingest.totals.inserted);
  if (storedSymbols < expected * 0.9) {
    return {
      stage: 'stored',
      finding,
      state: 'BROKEN',
      next: `curl ${baseUrl}/api/market/open-interest/debug`,
    };
  }
  return { stage: 'stored', finding, state: 'ok' };
}

export function judgeBroadcast({ broadcast, now }: DoctorFacts): Stage {
  const sockets = `${formatCount(broadcast.realtimeSockets)} sockets in realtime, ${formatCount(broadcast.snapshotSockets)} in snapshot`;
  if (!broadcast.realtimeEnabled) {
    return {
      stage: 'broadcast',
      finding: `realtime is switched off (shadow mode), ${sockets}`,
      state: 'ok',
    };
  }
  if (broadcast.waitingSince !== null && now - broadcast.waitingSince > STUCK_MS) {
    return {
      stage: 'broadcast',
      finding: `changes have waited for ${formatAge(now - broadcast.waitingSince)}, ${sockets}`,
      state: 'BROKEN',
      next: 'the board changes and nothing is published: restart the node',
    };
  }
  if (broadcast.publishedAt === null) {
    return {
      stage: 'broadcast',
      finding: `nothing published yet, ${sockets}`,
      state: 'WAITING',
      next: 'see ingest',
    };
  }
  // It may have been published while the database was asked for the other facts.
  const ageMs = Math.max(0, now - broadcast.publishedAt);
  const finding = `seq ${broadcast.seq}, ${(ageMs / 1_000).toFixed(1)}s ago, ${sockets}`;
  if (ageMs > SILENCE_LATE_MS) return { stage: 'broadcast', finding, state: 'LATE', next: 'see ingest' };
  return { stage: 'broadcast', finding, state: 'ok' };
}
