import { Suspense, lazy, type ReactNode } from 'react';
import { formatAge, formatCount } from '../../kit/format.shared.ts';
import { formatClock, type ClockZone } from '../timeOfDay.ts';
import { PILLS, partialBanner, type ConnectionState, type Situation } from '../live/connection.ts';
import type { LiveState } from '../live/live.ts';
import { Banner } from './Banner.tsx';

const WaitingText = lazy(async () => ({ default: (await import('./WaitingText.tsx')).WaitingText }));

/** What the state of the connection means for what is on screen, in a sentence. */
export function StateBanner(props: {
  state: ConnectionState;
  situation: Situation;
  live: LiveState;
  zone: ClockZone;
  /** Server time of the newest thing on screen. */
  dataAt: number | null;
  everySec: number;
  changesWaiting: number;
  onShowStale: () => void;
  onRetry: () => void;
  onResume: () => void;
}) {
  const { state } = props;
  const text = sentence(props);
  return text === null ? null : <Banner tone={PILLS[state].tone}>{text}</Banner>;
}

function sentence(props: Parameters<typeof StateBanner>[0]): ReactNode {
  const { state, situation, live, zone, dataAt } = props;
  const from = dataAt === null ? '' : ` Showing data from ${formatClock(dataAt, zone)}.`;
  switch (state) {
    case 'partial':
      return (
        <>
          {partialBanner(situation.coverage)} <Action onClick={props.onShowStale}>Show them</Action>
        </>
      );
    case 'late':
      return `No new OI for ${formatAge(situation.newestAgeMs ?? 0)}. Data normally arrives every ${props.everySec}s.`;
    case 'resync':
      return situation.missed > 0
        ? `Missed ${formatCount(situation.missed)} ${situation.missed === 1 ? 'update' : 'updates'}. Reloading the table…`
        : 'Reloading the table…';
    case 'silent':
      return `Connected, but nothing has arrived for ${formatAge(situation.silentMs ?? 0)}. Retrying…`;
    case 'reconnecting':
      return (
        <>
          Connection lost.{from} {live.retry && `Retry ${live.retry.attempt} in ${waitOf(live)}.`}{' '}
          <Action onClick={props.onRetry}>Retry now</Action>
        </>
      );
    case 'offline':
      return `You are offline.${from}`;
    case 'cant-sync':
      return (
        <>
          The table could not be reloaded ({situation.failure ?? 'no answer'}).{from}{' '}
          <Action onClick={props.onRetry}>Try again</Action>
        </>
      );
    case 'paused':
      return (
        <>
          Updates paused at {formatClock(live.paused?.at ?? 0, zone)}. {formatCount(props.changesWaiting)}{' '}
          {props.changesWaiting === 1 ? 'change' : 'changes'} waiting.{' '}
          <Action onClick={props.onResume}>Resume</Action>
        </>
      );
    case 'waiting':
      return situation.snapshot ? (
        'No snapshot has been taken yet. One is taken every full 5 minutes.'
      ) : (
        <Suspense fallback={null}>
          <WaitingText serverNow={live.now + live.offset.offsetMs} />
        </Suspense>
      );
    case 'snapshot':
    case 'live':
    case 'empty':
    case 'loading':
      return null;
  }
}

function waitOf({ retry, now }: LiveState): string {
  return formatAge(Math.max(0, (retry?.at ?? now) - now) + 999);
}

function Action({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="link" onClick={onClick}>
      {children}
    </button>
  );
}
