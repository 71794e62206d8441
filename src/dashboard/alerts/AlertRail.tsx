import { useEffect, useEffectEvent, useState } from 'react';
import { useStore } from 'zustand';
import { AFTER_MINUTES } from '../../openInterest/alerts/after.types.ts';
import { openAlert } from '../drawer/openSymbol.ts';
import { Button, TextButton } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { useDashboard, usePage, useSettings, useView } from '../shell/useDashboard.ts';
import { AlertCard } from './AlertCard.tsx';
import { Rail } from './Rail.tsx';
import { AlertFilterPanel, useShownFolds } from './AlertFilter.tsx';
import { countUnread, isUnread, type Feed, type Seen } from './feed.ts';
import { countConditions, type Fold } from './folds.ts';

const EmptyFeed = lazyPart(async () => (await import('./EmptyFeed.tsx')).EmptyFeed);

/** An alert counts as read after it was in sight for this long. */
const READ_AFTER_MS = 2_000;
/** How often what followed alerts is read, and how long after an alert it is complete. */
const FOLLOW_EVERY_MS = 60_000;
const FOLLOWED_FOR_MS = 65 * 60_000;

/** The alerts of the last day, newest first. */
export function AlertRail({ onClose }: { onClose: (() => void) | null }) {
  const { page, alerts } = useDashboard();
  const { feed, seen, loaded, error } = useStore(alerts.store);
  const lastHour = usePage((it) => it.lastHour);
  const isFiltered = useSettings((it) => countConditions(it.alertFilter) > 0);
  const shown = useShownFolds();
  const newSince = useSeenOnOpening(seen, loaded);
  useReading(alerts.markAllRead, feed);
  useFollowing(alerts.load, feed);

  return (
    <Rail onClose={onClose} tools={<RailTools unread={countUnread(feed, seen)} />}>
      <div className="rail-bar">
        <AlertFilterPanel feed={feed} />
        <a href="/alerts">Your alert rules</a>
      </div>
      {lastHour && (
        <button type="button" className="chip" onClick={() => page.setState({ lastHour: false })}>
          Last hour<span aria-hidden="true"> ×</span>
        </button>
      )}
      <SoundBlocked />
      {error && (
        <p className="rail-note" role="alert">
          {error} <TextButton onClick={() => void alerts.load(false)}>Try again</TextButton>
        </p>
      )}
      <div
        className="rail-list"
        tabIndex={0}
        role={loaded && shown.length === 0 ? 'region' : 'feed'}
        aria-label="OI alerts, newest first"
        aria-busy={!loaded}
      >
        <Cards folds={shown} newSince={newSince} />
        {loaded && !error && shown.length === 0 && <EmptyFeed lastHour={lastHour} isFiltered={isFiltered} />}
      </div>
    </Rail>
  );
}

function Cards({ folds, newSince }: { folds: readonly Fold[]; newSince: Seen }) {
  const dashboard = useDashboard();
  const open = useView((it) => it.alert);
  const firstOld = folds.findIndex(({ latest }) => !isUnread(latest, newSince));
  return folds.map((fold, i) => (
    <div key={fold.latest.id}>
      {i === 0 && firstOld !== 0 && <p className="rail-divider">New</p>}
      {i > 0 && i === firstOld && <p className="rail-divider">Earlier</p>}
      <AlertCard
        fold={fold}
        unread={isUnread(fold.latest, newSince)}
        open={fold.all.some((it) => it.id === open)}
        onOpen={() => openAlert(dashboard, fold.latest)}
      />
    </div>
  ));
}

function RailTools({ unread }: { unread: number }) {
  const { alerts } = useDashboard();
  const sound = useSettings((it) => it.sound);
  return (
    <>
      <span className="muted">{unread > 0 ? `${unread} unread` : ''}</span>
      <span
        className="rail-sound"
        title={sound.on ? `Sound on, volume ${sound.volume}` : 'Sound is off; see Settings'}
      >
        <Icon name={sound.on && sound.volume > 0 ? 'sound' : 'muted'} />
        <span className="sr-only">{sound.on ? 'Sound on' : 'Sound off'}</span>
      </span>
      {unread > 0 && (
        <Button className="quiet small" onClick={alerts.markAllRead}>
          Mark all read
        </Button>
      )}
    </>
  );
}

function SoundBlocked() {
  const { sound: player } = useDashboard();
  const sound = useSettings((it) => it.sound);
  const blocked = useStore(player.store, (it) => it.blocked);
  if (!sound.on || !blocked) return null;
  return (
    <p className="rail-note warn" role="alert">
      Sound is blocked by the browser.{' '}
      <TextButton onClick={() => void player.test(sound)}>Click to enable.</TextButton>
    </p>
  );
}

/** What counted as seen when the feed was opened: the line between new and old keeps its place until the feed closes. */
function useSeenOnOpening(seen: Seen, loaded: boolean): Seen {
  const [opening, setOpening] = useState<Seen | null>(null);
  // Until the stored alerts have been read, nothing of them was seen.
  if (loaded && opening === null) setOpening(seen);
  return opening ?? seen;
}

/** Marks the feed as read after two seconds in a visible tab. */
function useReading(markAllRead: () => void, feed: Feed): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') timer = setTimeout(markAllRead, READ_AFTER_MS);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [markAllRead, feed]);
}

/** Reads what followed recent alerts, while the page is visible and some of it is missing. */
function useFollowing(load: (away: boolean) => Promise<void>, feed: Feed): void {
  const { board } = useDashboard();
  const look = useEffectEvent((): void => {
    const { now } = board.store.getState();
    const isMissing = feed.some(
      (it) => it.after.length < AFTER_MINUTES.length && now - Date.parse(it.ts) < FOLLOWED_FOR_MS,
    );
    if (isMissing && document.visibilityState === 'visible') void load(false);
  });
  useEffect(() => {
    const timer = setInterval(() => look(), FOLLOW_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}
