/**
 * The service worker: shows the alerts that this server sends to the browser, also while none of its pages is open. A click
 * opens the symbol, in a page of the dashboard that is open already if there is one.
 */

self.addEventListener('install', () => self.skipWaiting());
// Only pages that it controls can be led to a symbol.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const { id, title, body, symbol } = event.data.json();
  // A repeat has the same id and replaces the first.
  event.waitUntil(self.registration.showNotification(title, { body, tag: id, data: { symbol } }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openSymbol(event.notification.data.symbol));
});

/** `null`: a digest of several symbols. */
async function openSymbol(symbol) {
  const address = symbol === null ? '/alerts' : `/?s=${encodeURIComponent(symbol)}`;
  const pages = await self.clients.matchAll({ type: 'window' });
  const page = pages.find(({ url }) => /^\/(alerts|s\/.*)?$/.test(new URL(url).pathname));
  if (page === undefined) return self.clients.openWindow(address);
  await page.focus();
  return page.navigate(address);
}
