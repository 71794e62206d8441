import type { Dashboard } from '../dashboard.ts';
import { prefetchWhenIdle } from '../shell/prefetch.ts';
import { saveFile } from '../shell/saveFile.ts';
import type { ColumnKey } from './columns.ts';

const loadCsv = () => import('./csv.ts');
prefetchWhenIdle(loadCsv);

/** Saves the table as displayed. Free has no export. */
export async function exportCsv(dashboard: Dashboard, columns: readonly ColumnKey[]): Promise<void> {
  const { pro, page, board } = dashboard;
  if (!pro) return page.setState({ dialog: 'pro' });
  const csv = await loadCsv().catch(() => null);
  if (csv === null) {
    return page.setState({ notice: 'The export could not be loaded. Check the connection, then try again.' });
  }
  const { lines, view, favourites, mode, tableNow } = board.store.getState();
  const text = csv.renderCsv(lines, columns, { ...view, now: tableNow, mode, favourites });
  saveFile(csv.csvFileName(tableNow), text);
}
