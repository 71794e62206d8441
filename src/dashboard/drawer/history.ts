import { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { Range } from '../board/view.ts';
import { getJson } from '../live/api.ts';

export const RANGE_WORDS: Readonly<Record<Range, string>> = {
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '1y': '1 year',
  all: 'all time',
};

export function readHistory(symbol: string, range: Range, signal: AbortSignal): Promise<HistoryBody> {
  const query = new URLSearchParams({ symbol, range });
  return getJson(`/api/market/open-interest/history?${query.toString()}`, HistoryBody, signal);
}
