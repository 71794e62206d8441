import { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { Range } from '../board/view.ts';
import { getJson } from '../live/api.ts';

export function readHistory(symbol: string, range: Range, signal: AbortSignal): Promise<HistoryBody> {
  const query = new URLSearchParams({ symbol, range });
  return getJson(`/api/market/open-interest/history?${query.toString()}`, HistoryBody, signal);
}
