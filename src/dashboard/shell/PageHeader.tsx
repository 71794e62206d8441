import type { Session } from '../../access/access.types.ts';
import { AccountItems } from './AccountItems.tsx';
import { Brand } from './Brand.tsx';
import { StatePill } from './Header.tsx';
import { Popover } from './Popover.tsx';
import { describeSession, goToSignIn } from './session.ts';
import { useDashboard } from './useDashboard.ts';

/**
 * The header of a page beside the board. `main`: the element that the skip link leads to; `name`: of the page.
 */
export function PageHeader(props: { main: string; what: string; name?: string }) {
  const { session } = useDashboard();
  const { main, what, name } = props;
  return (
    <header className="header">
      <a className="skip" href={`#${main}`}>
        Skip to {what}
      </a>
      <Brand>{name}</Brand>
      <StatePill />
      <div className="controls">
        {session ? (
          <AccountMenu session={session} />
        ) : (
          <button type="button" className="button primary" onClick={() => goToSignIn()}>
            Sign in
          </button>
        )}
      </div>
    </header>
  );
}

function AccountMenu({ session }: { session: Session }) {
  return (
    <Popover label={describeSession(session)} title="Account">
      <div className="menu">
        <a className="button" href="/">
          Dashboard
        </a>
        <a className="button" href="/market">
          Market
        </a>
        <a className="button" href="/alerts">
          Alert rules
        </a>
        <AccountItems session={session} next={window.location.pathname} />
      </div>
    </Popover>
  );
}
