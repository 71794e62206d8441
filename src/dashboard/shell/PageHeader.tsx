import { AccountMenu, SignInButton } from './AccountMenu.tsx';
import { Brand } from './Brand.tsx';
import { ButtonLink } from './Button.tsx';
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
            <ButtonLink href="/market">Market</ButtonLink>
            <ButtonLink href="/alerts">Alert rules</ButtonLink>
          </AccountMenu>
        ) : (
          <SignInButton />
        )}
      </div>
    </header>
  );
}
