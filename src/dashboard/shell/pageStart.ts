import { useEffect, useState } from 'react';
import type { Session } from '../../access/access.types.ts';
import { goToSignIn, readSession } from './session.ts';

export type PageStart<Content> = {
  /** `null`: it is not known yet who looks, or they are led to where they sign in. */
  content: Content | null;
  /** Why it cannot be known. */
  failed: string | null;
  retry: () => void;
};

/**
 * A hook that asks who looks at the page and makes what it needs for them, once a page, whatever React mounts twice.
 * Called once for each page, outside of its component. A page without `makeForGuest` leads guests to the sign-in page.
 */
export function createPageStart<Content>(
  make: (session: Session) => Content,
  makeForGuest?: () => Content,
): () => PageStart<Content> {
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
    return { content, failed, retry: load };
  };
}
