import { AccountMenu, SignInButton } from './AccountMenu.tsx';
import { Brand } from './Brand.tsx';
import { StatePill } from './Header.tsx';
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
          <AccountMenu session={session}>
            <a className="button" href="/market">
              Market
            </a>
            <a className="button" href="/alerts">
              Alert rules
            </a>
          </AccountMenu>
        ) : (
          <SignInButton />
        )}
      </div>
    </header>
  );
}
