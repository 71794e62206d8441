import { createStore } from 'zustand/vanilla';

export type OpenDialog = 'settings' | 'keys' | 'pro' | 'palette' | 'columns' | 'lists';

/** What is open on the page and what the viewer is at: nothing of it outlives the page. */
export type PageState = {
  readonly dialog: OpenDialog | null;
  /** The symbol that the dialog is about. */
  readonly subject: string | null;
  /** Alerts over the table, where there is no room beside it. */
  readonly sheetOpen: boolean;
  readonly lastHour: boolean;
  /** The viewer is at the rows until then, by the monotonic clock. */
  readonly busyUntil: number;
  readonly menuOpen: boolean;
  /** The width that the table has, px. */
  readonly tableRoom: number;
  /** Where the focus returns to when the details of a symbol close. */
  readonly opener: Element | null;
  /** The server was updated since the page was loaded. */
  readonly hasNewVersion: boolean;
  /** A sentence about something that just happened. */
  readonly notice: string;
};

export function createPageStore(notice: string) {
  return createStore<PageState>(() => ({
    dialog: null,
    subject: null,
    sheetOpen: false,
    lastHour: false,
    busyUntil: 0,
    menuOpen: false,
    tableRoom: Infinity,
    opener: null,
    hasNewVersion: false,
    notice,
  }));
}
