import { Session } from '../../access/access.types.ts';
import { ApiError, getJson } from '../live/api.ts';

/** The signed-in user; `null`: not signed in. */
export async function readSession(): Promise<Session | null> {
  try {
    // A browser writes every refusal to its console, so a guest is no refusal.
    return await getJson('/api/session?optional=true', Session.nullable());
  } catch (thrown) {
    // A node of the version before.
    if (thrown instanceof ApiError && thrown.status === 401) return null;
    throw thrown;
  }
}

/** Ends the session, here and on the server, and opens another page. */
export async function signOut(next = '/sign-in'): Promise<void> {
  await fetch('/api/session', { method: 'DELETE', credentials: 'same-origin' });
  window.location.assign(next);
}

/** To the sign-in page, and back here afterwards. */
export function goToSignIn(why?: 'ended'): void {
  const { pathname, search } = window.location;
  const query = new URLSearchParams({ next: `${pathname}${search}`, ...(why ? { why } : {}) });
  window.location.assign(`/sign-in?${query.toString()}`);
}

/** Live data and alerts are for paying users and operators. */
export function isPro(session: Session): boolean {
  return session.tier !== 'free' || session.role === 'admin';
}

/** `Pro · demo-pro` */
export function describeSession(session: Session): string {
  return `${describeTier(session)} · ${session.name ?? session.sub}`;
}

export function describeTier({ tier, role }: Session): string {
  return role === 'admin' ? 'Admin' : tier.charAt(0).toUpperCase() + tier.slice(1);
}
