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
  return { name: 'This browser', settings: { kind: 'webpush', endpoint, keys: { p256dh, auth } } };
}
