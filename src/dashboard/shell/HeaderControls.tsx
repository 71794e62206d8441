import { useStore } from 'zustand';
import type { Session } from '../../access/access.types.ts';
import { countUnread, unreadBadge } from '../alerts/feed.ts';
import { AccountItems, SignInButton } from './AccountMenu.tsx';
import { togglePause, toggleRail } from './actions.ts';
import { Button, ButtonLink } from './Button.tsx';
import { Popover } from './Popover.tsx';
import { describeSession } from './session.ts';
import { useDashboard, useLive, usePage, useSettings } from './useDashboard.ts';
import type { Layout } from './useMedia.ts';

/** The buttons at the right of the header. */
export function HeaderControls({ layout }: { layout: Layout }) {
  const { session, page } = useDashboard();
  const isNarrow = layout === 'narrow';
  const who = session ? describeSession(session) : 'Guest';
  return (
    <>
      {!isNarrow && <PauseButton long={layout === 'wide'} />}
      <AlertsButton layout={layout} />
      {!isNarrow && <SettingsButton />}
      {session === null && <SignInButton />}
      {(session !== null || isNarrow) && (
        <Popover label={isNarrow ? 'Menu' : who} title="Account">
          <div className="menu">
            {isNarrow && (
              <>
                <span className="muted">{who}</span>
                <PauseButton long />
                <Button onClick={() => page.setState({ dialog: 'palette' })}>Go to…</Button>
                <SettingsButton />
                <Button onClick={() => page.setState({ dialog: 'columns' })}>What the columns mean</Button>
                <ButtonLink href="/market">Market</ButtonLink>
              </>
            )}
            {session && <Account session={session} />}
          </div>
        </Popover>
      )}
    </>
  );
}

function Account({ session }: { session: Session }) {
  return (
    <>
      <ButtonLink href="/alerts">Alert rules</ButtonLink>
      {session.role === 'admin' && <ButtonLink href="/debug/open-interest">Operator page</ButtonLink>}
      <AccountItems session={session} next="/" />
    </>
  );
}

function PauseButton({ long }: { long: boolean }) {
  const dashboard = useDashboard();
  const paused = useLive((it) => it.paused !== null);
  return (
    <Button aria-pressed={paused} onClick={() => togglePause(dashboard)}>
      {paused ? 'Resume' : long ? 'Pause updates' : 'Pause'}
    </Button>
  );
}

function SettingsButton() {
  const { page } = useDashboard();
  return <Button onClick={() => page.setState({ dialog: 'settings' })}>Settings</Button>;
}

function AlertsButton({ layout }: { layout: Layout }) {
  const dashboard = useDashboard();
  const badge = useStore(dashboard.alerts.store, ({ feed, seen }) => unreadBadge(countUnread(feed, seen)));
  const inRail = useSettings((it) => it.rail);
  const inSheet = usePage((it) => it.sheetOpen);
  return (
    <Button
      aria-expanded={layout === 'wide' ? inRail : inSheet}
      aria-controls="alerts"
      onClick={() => toggleRail(dashboard)}
    >
      Alerts{badge !== '0' && <span className="badge strong">{badge}</span>}
      {badge !== '0' && <span className="sr-only"> unread</span>}
    </Button>
  );
}
