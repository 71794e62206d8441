import type { ReactNode } from 'react';
import type { Session } from '../../access/access.types.ts';
import { Button, ButtonLink } from './Button.tsx';
import { Popover } from './Popover.tsx';
import { describeSession, goToSignIn, signOut } from './session.ts';
import { useLayout } from './useMedia.ts';

/** The account menu of a page beside the board. `children`: links to other pages. */
export function AccountMenu({ session, children }: { session: Session; children?: ReactNode }) {
  const isNarrow = useLayout() === 'narrow';
  const who = describeSession(session);
  return (
    <Popover label={isNarrow ? 'Menu' : who} title="Account">
      <div className="menu">
        {isNarrow && <span className="muted">{who}</span>}
        <ButtonLink href="/">Dashboard</ButtonLink>
        {children}
        <AccountItems session={session} next={window.location.pathname} />
      </div>
    </Popover>
  );
}

/** The last items of every account menu. `next`: the page that another demo user returns to. */
export function AccountItems({ session, next }: { session: Session; next: string }) {
  return (
    <>
      {session.demo && (
        <ButtonLink href={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`}>
          Switch demo user
        </ButtonLink>
      )}
      <Button onClick={() => void signOut()}>Sign out</Button>
    </>
  );
}

/** Leads back to what is looked at. */
export function SignInButton() {
  return (
    <Button className="primary" onClick={() => goToSignIn()}>
      Sign in
    </Button>
  );
}
