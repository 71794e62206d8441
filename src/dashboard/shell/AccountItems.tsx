import type { Session } from '../../access/access.types.ts';
import { signOut } from './session.ts';

/** The last items of every account menu. `next`: the page that another demo user returns to. */
export function AccountItems({ session, next }: { session: Session; next: string }) {
  return (
    <>
      {session.demo && (
        <a className="button" href={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`}>
          Switch demo user
        </a>
      )}
      <button type="button" className="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </>
  );
}
