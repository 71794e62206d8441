import type { Session } from '../access/access.types.ts';
import { createAlerts, type Alerts } from './alerts/alerts.store.ts';
import { createNotifier } from './alerts/notify.ts';
import { createSound, type Sound } from './alerts/sound.ts';
import { createLive, type Live } from './live/live.ts';
import { createStore, type Store } from './live/store.ts';
import { describeTier, goToSignIn, isPro } from './shell/session.ts';
import { createMemory, DEFAULT_SETTINGS, type Settings } from './shell/settings.ts';
import { monotonicClock } from './sync/sync.clock.ts';
import { createViewStore, type ViewStore } from './shell/viewStore.ts';

/** Everything of the dashboard that is not drawn. Made once a page, outside of React. */
export type Dashboard = {
  readonly session: Session;
  readonly pro: boolean;
  readonly live: Live;
  readonly alerts: Alerts;
  readonly view: ViewStore;
  readonly settings: Store<Settings>;
  readonly favourites: Store<ReadonlySet<string>>;
  readonly sound: Sound;
  /** A sentence about something that just happened. */
  readonly notice: Store<string>;
  /** The server's clock. */
  serverNow(): number;
  toggleFavourite(symbol: string): void;
  changeSettings(change: Partial<Settings>): void;
  resetEverything(): void;
};

export function createDashboard(session: Session): Dashboard {
  const pro = isPro(session);
  const memory = createMemory(readStorage());
  const settings = createStore(memory.readSettings());
  const favourites = createStore<ReadonlySet<string>>(memory.readFavourites());
  const notice = createStore(describeTierChange(memory.takeTierChange(), session));
  const sound = createSound(monotonicClock);
  const notify = createNotifier(monotonicClock);
  const serverNow = (): number => Date.now() + (live?.store.get().offset.offsetMs ?? 0);

  let live: Live | undefined;
  const alerts = createAlerts({
    memory,
    now: serverNow,
    onLive(alert) {
      sound.play(alert.direction, settings.get().sound);
      const wanted = settings.get().notify;
      if (wanted === 'all' || (wanted === 'favourites' && favourites.get().has(alert.symbol))) notify(alert);
    },
  });
  live = createLive({
    onAlert: alerts.take,
    onReturn: () => void (pro && alerts.load(true)),
    // The page is built for what its viewer may see, so another tier is another page.
    onTierChange() {
      memory.rememberTierChange(session.tier);
      window.location.reload();
    },
    onSessionEnd: () => goToSignIn('ended'),
  });
  if (pro) void alerts.load(false);

  return {
    session,
    pro,
    live,
    alerts,
    view: createViewStore(),
    settings,
    favourites,
    sound,
    notice,
    serverNow,
    toggleFavourite(symbol) {
      const next = new Set(favourites.get());
      if (!next.delete(symbol)) next.add(symbol);
      favourites.set(next);
      memory.writeFavourites(next);
    },
    changeSettings(change) {
      settings.set((held) => ({ ...held, ...change }));
      memory.writeSettings(settings.get());
    },
    resetEverything() {
      memory.forget();
      settings.set(DEFAULT_SETTINGS);
      favourites.set(new Set());
    },
  };
}

/** Reading it throws where the browser forbids it. */
function readStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** What is said after the page was loaded anew for another tier. */
function describeTierChange(before: string | null, session: Session): string {
  if (before === null || before === session.tier) return '';
  const tier = describeTier(session);
  return `Your plan changed to ${tier}. ${isPro(session) ? 'Live data is on.' : 'You see 5-minute snapshots.'}`;
}
