const EVERY_MS = 30_000;

/** Calls `refresh` when the viewer comes back to the page, at most twice a minute. */
export function whenBack(refresh: () => void): void {
  let refreshedAt = Date.now();
  function see(): void {
    const now = Date.now();
    // A clock that was set back must not stop it.
    if (document.visibilityState !== 'visible' || Math.abs(now - refreshedAt) < EVERY_MS) return;
    refreshedAt = now;
    refresh();
  }
  document.addEventListener('visibilitychange', see);
  window.addEventListener('focus', see);
}
