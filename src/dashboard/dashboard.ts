import type { Session } from '../access/access.types.ts';
import { createAlerts } from './alerts/alerts.store.ts';
import { createNotifier } from './alerts/notify.ts';
import { createSound } from './alerts/sound.ts';
import { createBoardStore } from './board/board.store.ts';
import { createLive } from './live/live.ts';
import { hasNewVersion } from './live/newVersion.ts';
import { createPageStore } from './shell/page.store.ts';
import { createPreferences } from './shell/preferences.store.ts';
import { describeTier, goToSignIn, isPro } from './shell/session.ts';
import { openMemory } from './shell/settings.ts';
import { createViewStore } from './shell/view.store.ts';
import { createLists } from './watchlists/lists.store.ts';
import { monotonicClock } from '../client/sync.clock.ts';

export type Dashboard = ReturnType<typeof createDashboard>;

/** The state of the dashboard and its connection, made once a page, outside React. A guest has no session. */
export function createDashboard(session: Session | null) {
  const pro = session !== null && isPro(session);
  const memory = openMemory();
  const preferences = createPreferences(memory);
  const page = createPageStore(describeTierChange(memory.takeTierChange(), session));
  const view = createViewStore(preferences);
  const lists = createLists();
  const sound = createSound(monotonicClock);
  const notifier = createNotifier(monotonicClock);

  const alerts = createAlerts({
    memory,
    now: () => Date.now() + live.store.getState().offset.offsetMs,
    onLive(alert) {
      const { settings, favourites } = preferences.store.getState();
      sound.play(alert.direction, settings.sound);
      const isFavourite = settings.notify === 'favourites' && favourites.has(alert.symbol);
      if (settings.notify === 'all' || isFavourite) notifier.notify(alert);
    },
  });
  const live = createLive({
    isGuest: session === null,
    onAlert: alerts.take,
    onFiring: alerts.takeFiring,
    onReturn() {
      if (pro) void alerts.load(true);
      // A server that was replaced may have another page.
      void hasNewVersion().then((isNew) => isNew && page.setState({ hasNewVersion: true }));
    },
    // The page is built for one tier, so another tier loads another page.
    onTierChange() {
      if (session) memory.rememberTierChange(session.tier);
      window.location.reload();
    },
    onSessionEnd: () => goToSignIn('ended'),
  });
  if (pro) void alerts.load(false);

  const board = createBoardStore({
    live: live.store,
    view: view.store,
    preferences: preferences.store,
    lists,
    page,
  });
  return {
    session,
    pro,
    live,
    board,
    view,
    lists,
    page,
    preferences,
    memory,
    alerts,
    sound,
    notifier,
  };
}

/** The notice after the page was reloaded for another tier. */
function describeTierChange(before: string | null, session: Session | null): string {
  if (before === null || session === null || before === session.tier) return '';
  const tier = describeTier(session);
  return `Your plan changed to ${tier}. ${isPro(session) ? 'Live data is on.' : 'You see 5-minute snapshots.'}`;
}
