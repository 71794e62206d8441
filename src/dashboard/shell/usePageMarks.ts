import { useEffect } from 'react';
import { unreadBadge } from '../alerts/feed.ts';
import type { ConnectionState } from '../live/connection.ts';
import type { Settings } from './settings.ts';

/** What is told outside of the page's body: the tab's title, the theme, and how things stand for whoever tests. */
export function usePageMarks(marks: {
  state: ConnectionState;
  seq: number | null;
  unread: number;
  label: string;
  settings: Settings;
}): void {
  const { state, seq, unread, label, settings } = marks;
  const { theme, palette, motion, density } = settings;
  useEffect(() => {
    const { dataset } = document.documentElement;
    Object.assign(dataset, { state, seq: seq === null ? '' : String(seq) });
  }, [state, seq]);
  useEffect(() => {
    Object.assign(document.documentElement.dataset, { theme, palette, motion, density });
  }, [theme, palette, motion, density]);
  useEffect(() => {
    const age = label.split(' · ')[0] ?? '';
    document.title = `${unread > 0 ? `(${unreadBadge(unread)}) ` : ''}${age}`;
  }, [unread, label]);
}
