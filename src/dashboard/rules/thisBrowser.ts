import type { ChannelInput } from '../../openInterest/delivery/channel.types.ts';

/** Whether this browser can receive web push; it needs https or localhost. */
export function canReceivePush(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in window;
}

/** Subscribes this browser at its push service. Rejects where notifications are not allowed. */
export async function subscribeThisBrowser(vapidPublicKey: string): Promise<ChannelInput> {
  if ((await Notification.requestPermission()) !== 'granted') {
    throw new Error('Notifications of this site are blocked; allow them in the settings of the browser');
  }
  await navigator.serviceWorker.register('/push.js');
  const { pushManager } = await navigator.serviceWorker.ready;
  // One with other keys cannot be renewed; the channel of the old one is switched off when it is used next.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: vapidPublicKey,
  });
  const { endpoint = '', keys = {} } = subscription.toJSON();
  const { p256dh = '', auth = '' } = keys;
  return {
    name: describeBrowser(navigator.userAgent),
    settings: { kind: 'webpush', endpoint, keys: { p256dh, auth } },
  };
}

/** `Chrome on Windows`: tells the browsers of a user apart. */
export function describeBrowser(userAgent: string): string {
  const nameOf = (words: readonly (readonly [RegExp, string])[]) =>
    words.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = nameOf(BROWSERS) ?? 'Browser';
  const system = nameOf(SYSTEMS);
  return system === undefined ? browser : `${browser} on ${system}`;
}

/** The first that fits: later words are in the texts of earlier browsers as well. */
const BROWSERS = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Windows/, 'Windows'],
  [/Macintosh/, 'Mac'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
] as const;
