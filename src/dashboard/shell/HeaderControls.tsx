import type { Session } from '../../access/access.types.ts';
import { AccountItems } from './AccountItems.tsx';
import { Popover } from './Popover.tsx';
import { describeSession } from './session.ts';
import type { Layout } from './useMedia.ts';

/** The buttons at the right of the header. */
export function HeaderControls(props: {
  session: Session;
  layout: Layout;
  paused: boolean;
  pro: boolean;
  unread: string;
  alertsOpen: boolean;
  onPause: () => void;
  onAlerts: () => void;
  onSettings: () => void;
}) {
  const { session, layout } = props;
  return (
    <>
      {layout !== 'narrow' && (
        <button type="button" className="button" aria-pressed={props.paused} onClick={props.onPause}>
          {props.paused ? 'Resume' : layout === 'wide' ? 'Pause updates' : 'Pause'}
        </button>
      )}
      <button
        type="button"
        className="button"
        aria-expanded={props.alertsOpen}
        aria-controls="alerts"
        onClick={props.onAlerts}
      >
        Alerts{props.unread !== '0' && <span className="badge strong">{props.unread}</span>}
        {props.unread !== '0' && <span className="sr-only"> unread</span>}
      </button>
      {layout !== 'narrow' && (
        <button type="button" className="button" onClick={props.onSettings}>
          Settings
        </button>
      )}
      <Popover label={layout === 'narrow' ? 'Menu' : describeSession(session)} title="Account">
        <div className="menu">
          {layout === 'narrow' && (
            <>
              <span className="muted">{describeSession(session)}</span>
              <button type="button" className="button" onClick={props.onPause}>
                {props.paused ? 'Resume' : 'Pause updates'}
              </button>
              <button type="button" className="button" onClick={props.onSettings}>
                Settings
              </button>
            </>
          )}
          {session.role === 'admin' && (
            <a className="button" href="/debug/open-interest">
              Operator page
            </a>
          )}
          <AccountItems session={session} next="/" />
        </div>
      </Popover>
    </>
  );
}
