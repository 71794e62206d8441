import { formatAge, formatCount } from '../../kit/format.shared.ts';
import type { Coverage } from '../board/lines.ts';
import type { IconName } from '../shell/Icon.tsx';
import type { Situation } from './situation.ts';

export type ConnectionState =
  | 'loading'
  | 'live'
  | 'partial'
  | 'late'
  | 'resync'
  | 'silent'
  | 'reconnecting'
  | 'offline'
  | 'cant-sync'
  | 'paused'
  | 'snapshot'
  | 'waiting'
  | 'empty';

export type Tone = 'neutral' | 'good' | 'warn' | 'error';

/** The sync asks after 11 s of silence, so a request has gone unanswered by then. */
const SILENT_MS = 15_000;
const CANT_SYNC_AFTER = 3;
/** The share of symbols that may be stale while the board counts as live: some are always being listed or delisted. */
const STALE_SHARE = 0.05;

/** The worst state that applies. A pause has priority over all states except those of the connection. */
export function connectionState(it: Situation): ConnectionState {
  if (!it.hasBoard) {
    if (!it.online) return 'offline';
    return it.failures >= CANT_SYNC_AFTER ? 'cant-sync' : 'loading';
  }
  if (!it.online) return 'offline';
  if (!it.connected) return 'reconnecting';
  if (it.failures >= CANT_SYNC_AFTER) return 'cant-sync';
  if (it.silentMs !== null && it.silentMs >= SILENT_MS) return 'silent';
  if (it.paused) return 'paused';
  if (it.behindMs !== null && it.behindMs >= 2_000) return 'resync';
  if (it.coverage.total === 0 && it.universe === 0) return 'empty';
  if (it.newestAgeMs === null) return 'waiting';
  if (it.snapshot) return 'snapshot';
  if (it.coverage.live === 0) return 'late';
  return missing(it.coverage) > it.coverage.total * STALE_SHARE ? 'partial' : 'live';
}

/** Whether rows arrive: no other place of the page says live while the pill says otherwise. */
export function isReceiving(state: ConnectionState): boolean {
  return !['offline', 'reconnecting', 'cant-sync', 'silent'].includes(state);
}

function missing(coverage: Coverage): number {
  return coverage.stale + coverage.none;
}

/** Every state has its own word: a screen reader does not announce a change of icon. */
export const PILLS: Readonly<Record<ConnectionState, { word: string; icon: IconName; tone: Tone }>> = {
  loading: { word: 'Connecting', icon: 'ring', tone: 'neutral' },
  live: { word: 'Live', icon: 'dot', tone: 'good' },
  partial: { word: 'Partly live', icon: 'warn', tone: 'warn' },
  late: { word: 'Late', icon: 'warn', tone: 'warn' },
  resync: { word: 'Resyncing', icon: 'ring', tone: 'neutral' },
  silent: { word: 'Not receiving', icon: 'warn', tone: 'warn' },
  reconnecting: { word: 'Reconnecting', icon: 'broken', tone: 'warn' },
  offline: { word: 'Offline', icon: 'broken', tone: 'warn' },
  'cant-sync': { word: 'Can’t sync', icon: 'cross', tone: 'error' },
  paused: { word: 'Paused', icon: 'bars', tone: 'neutral' },
  snapshot: { word: '5-min snapshots', icon: 'clock', tone: 'neutral' },
  waiting: { word: 'Waiting', icon: 'ring', tone: 'neutral' },
  empty: { word: 'Live', icon: 'dot', tone: 'good' },
};

/** `OI updated 2s ago` */
export function ageLabel(newestAgeMs: number | null): string {
  return newestAgeMs === null ? 'OI not received yet' : `OI updated ${formatAge(newestAgeMs)} ago`;
}

/** `Snapshot from 14:00 · next in 3m 12s`; when it is overdue, by how much. */
export function snapshotLabel(markedAt: string, nextInMs: number | null): string {
  if (nextInMs === null) return `Snapshot from ${markedAt}`;
  if (nextInMs < -2_000) return `Snapshot from ${markedAt} · next one is ${formatAge(-nextInMs)} late`;
  return `Snapshot from ${markedAt} · next in ${formatAge(nextInMs)}`;
}

/** `300 of 343 symbols have stopped updating.` */
export function partialBanner(coverage: Coverage): string {
  const count = `${formatCount(missing(coverage))} of ${formatCount(coverage.total)} symbols`;
  return coverage.stale === 0 ? `${count} have never been sampled.` : `${count} have stopped updating.`;
}
