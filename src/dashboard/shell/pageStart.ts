import { useEffect, useState } from 'react';
import type { Session } from '../../access/access.types.ts';
import { goToSignIn, readSession } from './session.ts';

/**
 * A hook that loads the session and creates the page's services for it, once per page, even if React mounts twice.
 * Called once for each page, outside of its component. A page without `makeForGuest` leads guests to the sign-in page.
 */
export function createPageStart<Content>(make: (session: Session) => Content, makeForGuest?: () => Content) {
  let started: Promise<Content | null> | undefined;

  async function start(): Promise<Content | null> {
    const session = await readSession();
    if (session) return make(session);
    if (makeForGuest) return makeForGuest();
    goToSignIn();
    return null;
  }

  return function usePageStart() {
    const [content, setContent] = useState<Content | null>(null);
    const [failed, setFailed] = useState<string | null>(null);

    function load(): void {
      setFailed(null);
      started ??= start();
      started.then(setContent, (thrown: unknown) => {
        started = undefined;
        setFailed(thrown instanceof Error ? thrown.message : String(thrown));
      });
    }
    useEffect(load, []);
    return {
      /** `null`: the session is still loading, or the visitor is being sent to sign in. */
      content,
      /** Why it cannot be known. */
      failed,
      retry: load,
    };
  };
}
