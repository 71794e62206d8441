import { createStore } from 'zustand/vanilla';

export type OpenDialog = 'settings' | 'keys' | 'pro' | 'palette' | 'columns' | 'lists';

/** What is open on the page and what the viewer is at: nothing of it outlives the page. */
export type PageState = Readonly<ReturnType<typeof initialState>>;

function initialState(notice: string) {
  return {
    dialog: null as OpenDialog | null,
    /** The symbol that the dialog is about. */
    subject: null as string | null,
    /** Alerts over the table, where there is no room beside it. */
    sheetOpen: false,
    lastHour: false,
    /** The viewer is at the rows until then, by the monotonic clock. */
    busyUntil: 0,
    menuOpen: false,
    /** The width that the table has, px. */
    tableRoom: Infinity,
    /** Where the focus returns to when the details of a symbol close. */
    opener: null as Element | null,
    /** The server was updated since the page was loaded. */
    hasNewVersion: false,
    /** A sentence about something that just happened. */
    notice,
  };
}

export function createPageStore(notice: string) {
  return createStore<PageState>(() => initialState(notice));
}
