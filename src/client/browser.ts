type Target = {
  addEventListener(event: string, listener: () => void): void;
  removeEventListener(event: string, listener: () => void): void;
};

/** The browser API in use. Absent in Node, whose `navigator` has no `onLine`. */
type Browser = {
  readonly window?: Target;
  readonly document?: Target & { readonly visibilityState: string };
  readonly navigator?: { readonly onLine?: boolean };
};

const browser = globalThis as unknown as Browser;

/** `false` only if a browser reports that it has no network. */
export function isOnline(): boolean {
  return browser.navigator?.onLine !== false;
}

/**
 * Calls `onNetwork` when the network appears or is lost, and `onVisible` when the page becomes visible: timers are
 * throttled in hidden tabs and stop while the computer sleeps. Returns a function that stops watching.
 */
export function watchBrowser(on: { onNetwork: () => void; onVisible: () => void }): () => void {
  const { window, document } = browser;
  const see = (): void => {
    if (document?.visibilityState === 'visible') on.onVisible();
  };
  const listen = (verb: 'addEventListener' | 'removeEventListener'): void => {
    window?.[verb]('online', on.onNetwork);
    window?.[verb]('offline', on.onNetwork);
    document?.[verb]('visibilitychange', see);
  };
  listen('addEventListener');
  return () => listen('removeEventListener');
}
