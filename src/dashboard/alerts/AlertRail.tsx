import { Suspense, lazy, useEffect, useMemo, useRef } from 'react';
import { HOUR_MS } from './times.ts';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import type { Dashboard } from '../dashboard.ts';
import { useStore } from '../live/store.ts';
import { Icon } from '../shell/Icon.tsx';
import { AlertCard } from './AlertCard.tsx';
import { Rail } from './Rail.tsx';
import { countUnread, foldAlerts, isUnread, type Feed, type Seen } from './feed.ts';

const EmptyFeed = lazy(async () => ({ default: (await import('./EmptyFeed.tsx')).EmptyFeed }));

/** Seen is what was in sight for so long. */
const READ_AFTER_MS = 2_000;

/** The alerts of the last day, newest first. */
export function AlertRail(props: {
  dashboard: Dashboard;
  now: number;
  lastHour: boolean;
  onLastHour: (only: boolean) => void;
  onOpen: (alert: OpenInterestAlert) => void;
  onClose: (() => void) | null;
}) {
  const { dashboard, now } = props;
  const { feed, seen, loaded, error } = useStore(dashboard.alerts.store);
  const { sound } = useStore(dashboard.settings);
  const blocked = useStore(dashboard.sound.blocked);
  const unread = countUnread(feed, seen);
  const newSince = useSeenOnOpening(seen, loaded);
  useReading(dashboard, feed);

  const shown = useMemo(
    () => foldAlerts(props.lastHour ? feed.filter((it) => Date.parse(it.ts) >= now - HOUR_MS) : feed),
    [feed, props.lastHour, Math.floor(now / 10_000)],
  );
  const firstOld = shown.findIndex(({ latest }) => !isUnread(latest, newSince));

  return (
    <Rail
      onClose={props.onClose}
      tools={
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
            <button type="button" className="button quiet small" onClick={dashboard.alerts.markAllRead}>
              Mark all read
            </button>
          )}
        </>
      }
    >
      {props.lastHour && (
        <button type="button" className="chip" onClick={() => props.onLastHour(false)}>
          Last hour<span aria-hidden="true"> ×</span>
        </button>
      )}
      {sound.on && blocked && (
        <p className="rail-note warn" role="alert">
          Sound is blocked by the browser.{' '}
          <button type="button" className="link" onClick={() => void dashboard.sound.test(sound)}>
            Click to enable.
          </button>
        </p>
      )}
      {error && (
        <p className="rail-note" role="alert">
          {error}{' '}
          <button type="button" className="link" onClick={() => void dashboard.alerts.load(false)}>
            Try again
          </button>
        </p>
      )}
      <div
        className="rail-list"
        tabIndex={0}
        role={loaded && shown.length === 0 ? 'region' : 'feed'}
        aria-label="OI alerts, newest first"
        aria-busy={!loaded}
      >
        {shown.map((fold, i) => (
          <div key={fold.latest.id}>
            {i === 0 && firstOld !== 0 && <p className="rail-divider">New</p>}
            {i > 0 && i === firstOld && <p className="rail-divider">Earlier</p>}
            <AlertCard
              fold={fold}
              unread={isUnread(fold.latest, newSince)}
              now={now}
              onOpen={() => props.onOpen(fold.latest)}
            />
          </div>
        ))}
        {loaded && !error && shown.length === 0 && (
          <Suspense fallback={null}>
            <EmptyFeed lastHour={props.lastHour} />
          </Suspense>
        )}
      </div>
    </Rail>
  );
}

/** What counted as seen when the feed was opened: the mark between new and old stays where it was until it is closed. */
function useSeenOnOpening(seen: Seen, loaded: boolean): Seen {
  const opening = useRef<Seen | null>(null);
  // Until the past has been read, nothing was seen that could be told from it.
  if (loaded) opening.current ??= seen;
  return opening.current ?? seen;
}

/** Two seconds in a tab that is looked at; in one that lies behind another nobody reads. */
function useReading(dashboard: Dashboard, feed: Feed): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible')
        timer = setTimeout(dashboard.alerts.markAllRead, READ_AFTER_MS);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [dashboard, feed]);
}
