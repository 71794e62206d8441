import { formatContracts, formatFraction } from '../../kit/format.shared.ts';
import type { SyncClock } from '../../client/sync.types.ts';
import { announceAlerts, baseOf, type FeedAlert } from './feed.ts';

export type NotifyAccess = 'unsupported' | 'insecure' | 'default' | 'granted' | 'denied';

/** Whether the browser shows notifications of this page. */
export function notifyAccess(): NotifyAccess {
  if (!window.isSecureContext) return 'insecure';
  return 'Notification' in window ? Notification.permission : 'unsupported';
}

const ONCE_PER_MS = 10_000;

/** Notifies while the page is hidden: one notification in ten seconds, the alerts in between as a summary. */
export function createNotifier(clock: SyncClock) {
  const listeners = new Set<(alert: FeedAlert) => void>();
  let waiting = false;
  let held: FeedAlert[] = [];

  function showHeld(): void {
    waiting = false;
    const [only] = held;
    // On the visible page they are in the feed.
    if (!only || document.visibilityState !== 'hidden') {
      held = [];
      return;
    }
    const newest = held.at(-1) ?? only;
    const onClick = (): void => listeners.forEach((open) => open(newest));
    if (held.length > 1) show(announceAlerts(held), { tag: 'oi-summary' }, onClick);
    else {
      const ofRule = only.rule === undefined ? '' : `-${only.rule}`;
      const tag = `oi-${baseOf(only.symbol)}-${only.direction}${ofRule}`;
      show(alertTitle(only), { body: alertBody(only), tag }, onClick);
    }
    held = [];
    waiting = true;
    clock.after(ONCE_PER_MS, showHeld);
  }

  return {
    notify(alert: FeedAlert) {
      if (notifyAccess() !== 'granted' || document.visibilityState !== 'hidden') return;
      held.push(alert);
      if (!waiting) showHeld();
    },
    /** `open` is called for a click on a notification; of several alerts it opens the newest. Returns how to stop. */
    onClick(open: (alert: FeedAlert) => void) {
      listeners.add(open);
      return () => void listeners.delete(open);
    },
  };
}

/** `SUI OI spike +4.21% in 5 min`, `Large moves: SUI OI spike …` */
function alertTitle(alert: FeedAlert): string {
  const rule = alert.rule === undefined ? '' : `${alert.rule}: `;
  const kind = alert.direction === 'UP' ? 'spike' : 'dump';
  return `${rule}${baseOf(alert.symbol)} OI ${kind} ${formatFraction(alert.pctChange)} in ${alert.timeframe}`;
}

function alertBody(alert: FeedAlert): string {
  const contracts = `${formatContracts(alert.current)} ${baseOf(alert.symbol)}`;
  return alert.priceChange === null ? contracts : `${contracts} · price ${formatFraction(alert.priceChange)}`;
}

function show(title: string, options: NotificationOptions, onClick: () => void): void {
  try {
    // Silent: the page plays its own sound at its own volume.
    const notification = new Notification(title, { ...options, silent: true });
    notification.addEventListener('click', () => {
      window.focus();
      notification.close();
      onClick();
    });
  } catch {
    // Some mobile browsers have the constructor and throw.
  }
}
