import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { formatContracts, formatFraction } from '../../kit/format.shared.ts';
import type { SyncClock } from '../sync/sync.types.ts';
import { announceAlerts, baseOf } from './feed.ts';

export type NotifyAccess = 'unsupported' | 'insecure' | 'default' | 'granted' | 'denied';

/** What the browser lets us do, and why not. */
export function notifyAccess(): NotifyAccess {
  if (!window.isSecureContext) return 'insecure';
  return 'Notification' in window ? Notification.permission : 'unsupported';
}

const ONCE_PER_MS = 10_000;

/** Shows alerts outside of the page, only while it is hidden: one every ten seconds, what comes meanwhile as a sum. */
export function createNotifier(clock: SyncClock): (alert: OpenInterestAlert) => void {
  let waiting = false;
  let held: OpenInterestAlert[] = [];

  function tell(): void {
    waiting = false;
    const [only] = held;
    // Whoever is back on the page sees them there.
    if (!only || document.visibilityState !== 'hidden') {
      held = [];
      return;
    }
    if (held.length > 1) show(announceAlerts(held), '', 'oi-summary');
    else show(alertTitle(only), alertBody(only), `oi-${baseOf(only.symbol)}-${only.direction}`);
    held = [];
    waiting = true;
    clock.after(ONCE_PER_MS, tell);
  }

  return function notify(alert) {
    if (notifyAccess() !== 'granted' || document.visibilityState !== 'hidden') return;
    held.push(alert);
    if (!waiting) tell();
  };
}

/** `SUI OI spike +4.21% in 5 min` */
function alertTitle(alert: OpenInterestAlert): string {
  const kind = alert.direction === 'UP' ? 'spike' : 'dump';
  return `${baseOf(alert.symbol)} OI ${kind} ${formatFraction(alert.pctChange)} in ${alert.timeframe}`;
}

function alertBody(alert: OpenInterestAlert): string {
  const contracts = `${formatContracts(alert.current)} ${baseOf(alert.symbol)}`;
  return alert.priceChange === null ? contracts : `${contracts} · price ${formatFraction(alert.priceChange)}`;
}

function show(title: string, body: string, tag: string): void {
  try {
    // Silent: sounds are the page's own, with its own volume.
    new Notification(title, { body, tag, silent: true });
  } catch {
    // Some mobile browsers have the class and refuse to make one.
  }
}
