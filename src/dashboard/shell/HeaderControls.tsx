import { useStore } from 'zustand';
import { countUnread, unreadBadge } from '../alerts/feed.ts';
import { AccountItems } from './AccountItems.tsx';
import { togglePause, toggleRail } from './actions.ts';
import { Popover } from './Popover.tsx';
import { describeSession } from './session.ts';
import { useDashboard, useLive, usePage, useSettings } from './useDashboard.ts';
import type { Layout } from './useMedia.ts';

/** The buttons at the right of the header. */
export function HeaderControls({ layout }: { layout: Layout }) {
  const dashboard = useDashboard();
  const isNarrow = layout === 'narrow';
  return (
    <>
      {!isNarrow && <PauseButton long={layout === 'wide'} />}
      <AlertsButton layout={layout} />
      {!isNarrow && <SettingsButton />}
      <Popover label={isNarrow ? 'Menu' : describeSession(dashboard.session)} title="Account">
        <div className="menu">
          {isNarrow && (
            <>
              <span className="muted">{describeSession(dashboard.session)}</span>
              <PauseButton long />
              <SettingsButton />
            </>
          )}
          <a className="button" href="/alerts">
            Alert rules
          </a>
          {dashboard.session.role === 'admin' && (
            <a className="button" href="/debug/open-interest">
              Operator page
            </a>
          )}
          <AccountItems session={dashboard.session} next="/" />
        </div>
      </Popover>
    </>
  );
}

function PauseButton({ long }: { long: boolean }) {
  const dashboard = useDashboard();
  const paused = useLive((it) => it.paused !== null);
  return (
    <button type="button" className="button" aria-pressed={paused} onClick={() => togglePause(dashboard)}>
      {paused ? 'Resume' : long ? 'Pause updates' : 'Pause'}
    </button>
  );
}

function SettingsButton() {
  const { page } = useDashboard();
  return (
    <button type="button" className="button" onClick={() => page.setState({ dialog: 'settings' })}>
      Settings
    </button>
  );
}

function AlertsButton({ layout }: { layout: Layout }) {
  const dashboard = useDashboard();
  const badge = useStore(dashboard.alerts.store, ({ feed, seen }) => unreadBadge(countUnread(feed, seen)));
  const inRail = useSettings((it) => it.rail);
  const inSheet = usePage((it) => it.sheetOpen);
  return (
    <button
      type="button"
      className="button"
      aria-expanded={layout === 'wide' ? inRail : inSheet}
      aria-controls="alerts"
      onClick={() => toggleRail(dashboard)}
    >
      Alerts{badge !== '0' && <span className="badge strong">{badge}</span>}
      {badge !== '0' && <span className="sr-only"> unread</span>}
    </button>
  );
}
