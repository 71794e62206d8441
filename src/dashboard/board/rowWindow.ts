/** Rows from `from` up to, not including, `to`. */
export type Sight = { readonly from: number; readonly to: number };

const MARGIN = 6;

/** Rows in sight and a few around them, in whole rows: scrolling by pixels within a row changes nothing. */
export function rowsInSight(view: { top: number; height: number; rowHeight: number; count: number }): Sight {
  const first = Math.floor(Math.max(0, view.top) / view.rowHeight);
  const visible = Math.ceil(view.height / view.rowHeight) + 1;
  const from = Math.max(0, Math.min(first, view.count - 1) - MARGIN);
  return { from, to: Math.max(0, Math.min(view.count, first + visible + MARGIN)) };
}

/** The scroll position at which a row is in sight below the header; the current one if it already is. */
export function scrollToShow(
  index: number,
  view: { top: number; height: number; rowHeight: number; covered: number },
): number {
  const start = index * view.rowHeight;
  if (start < view.top) return start;
  const end = start + view.rowHeight + view.covered;
  return end > view.top + view.height ? end - view.height : view.top;
}
