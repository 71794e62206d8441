import type { ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { formatAge, formatCountOf } from '../../kit/format.shared.ts';
import { countChanges, usualPace } from '../board/rowFacts.ts';
import { NO_FILTERS } from '../board/view.ts';
import { PILLS, partialBanner, type ConnectionState } from '../live/connection.ts';
import { formatClock } from '../timeOfDay.ts';
import { Banner } from './Banner.tsx';
import { TextButton } from './Button.tsx';
import { lazyPart } from './lazyPart.tsx';
import { useBoard, useDashboard, useLive, useSettings } from './useDashboard.ts';

const WaitingText = lazyPart(async () => (await import('./WaitingText.tsx')).WaitingText);

const SENTENCES: Readonly<Partial<Record<ConnectionState, () => ReactNode>>> = {
  partial: PartlyLive,
  late: Late,
  resync: Resync,
  silent: Silent,
  reconnecting: Reconnecting,
  offline: Offline,
  'cant-sync': CannotSync,
  paused: Paused,
  waiting: Waiting,
};

/** What the connection state means for the board, in a sentence; the other states need none. */
export function StateBanner() {
  const state = useBoard((it) => it.state);
  const Sentence = SENTENCES[state];
  return (
    Sentence && (
      <Banner tone={PILLS[state].tone}>
        <Sentence />
      </Banner>
    )
  );
}

function PartlyLive() {
  const { view } = useDashboard();
  const sentence = useBoard((it) => partialBanner(it.coverage));
  return (
    <>
      {sentence}{' '}
      <TextButton onClick={() => view.change({ ...NO_FILTERS, states: ['stale', 'none'] })}>
        Show them
      </TextButton>
    </>
  );
}

function Late() {
  const age = useBoard((it) => formatAge(it.newestAgeMs ?? 0));
  const everySec = useBoard((it) => usualPace(it.board?.rows));
  return `No new OI for ${age}. Data normally arrives every ${everySec}s.`;
}

function Resync() {
  const missed = useBoard((it) => it.situation.missed);
  if (missed === 0) return 'Reloading the table…';
  return `Missed ${formatCountOf(missed, 'update')}. Reloading the table…`;
}

function Silent() {
  const age = useBoard((it) => formatAge(it.situation.silentMs ?? 0));
  return `Connected, but nothing has arrived for ${age}. Retrying…`;
}

function Reconnecting() {
  const { live } = useDashboard();
  const retry = useLive((it) => it.retry);
  const wait = useLive((it) => formatAge(Math.max(0, (it.retry?.at ?? it.now) - it.now) + 999));
  return (
    <>
      Connection lost.
      <DataFrom /> {retry && `Retry ${retry.attempt} in ${wait}.`}{' '}
      <TextButton onClick={live.retryNow}>Retry now</TextButton>
    </>
  );
}

function Offline() {
  return (
    <>
      You are offline.
      <DataFrom />
    </>
  );
}

function CannotSync() {
  const { live } = useDashboard();
  const failure = useBoard((it) => it.situation.failure ?? 'no answer');
  return (
    <>
      The table could not be reloaded ({failure}).
      <DataFrom /> <TextButton onClick={live.retryNow}>Try again</TextButton>
    </>
  );
}

function Paused() {
  const { live } = useDashboard();
  const zone = useSettings((it) => it.zone);
  const { at, before, after } = useLive(
    useShallow(({ paused, sync }) => ({
      at: paused?.at ?? 0,
      before: paused?.board.rows,
      after: sync.board?.rows,
    })),
  );
  const changes = countChanges(before, after);
  return (
    <>
      Updates paused at {formatClock(at, zone)}. {formatCountOf(changes, 'change')} waiting.{' '}
      <TextButton onClick={live.resume}>Resume</TextButton>
    </>
  );
}

function Waiting() {
  const isSnapshot = useBoard((it) => it.mode === 'snapshot');
  const serverNow = useBoard((it) => it.now);
  if (isSnapshot) return 'No snapshot has been taken yet. One is taken every full 5 minutes.';
  return <WaitingText serverNow={serverNow} />;
}

/** ` Showing data from 14:03:22.` */
function DataFrom() {
  const zone = useSettings((it) => it.zone);
  return useBoard(({ now, newestAgeMs }) =>
    newestAgeMs === null ? '' : ` Showing data from ${formatClock(now - newestAgeMs, zone)}.`,
  );
}
