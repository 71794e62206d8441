import { QueryClient, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { HistoryBody, type HistoryInterval } from '../../openInterest/history/history.types.ts';
import type { Range } from '../board/view.ts';
import { getJson } from '../live/api.ts';
import { HOUR_MS } from '../timeOfDay.ts';

type ChartRange = { readonly words: string; readonly sec: number; readonly candle?: HistoryInterval };

/** `candle`: long enough for some samples. Of `all` the server chooses it, and nothing is too little for it. */
export const CHART_RANGES: Readonly<Record<Range, ChartRange>> = {
  '1h': { words: '1 hour', sec: 3_600, candle: '1m' },
  '6h': { words: '6 hours', sec: 21_600, candle: '5m' },
  '24h': { words: '24 hours', sec: 86_400, candle: '15m' },
  '7d': { words: '7 days', sec: 604_800, candle: '1h' },
  '30d': { words: '30 days', sec: 2_592_000, candle: '4h' },
  '1y': { words: '1 year', sec: 31_536_000, candle: '1d' },
  all: { words: 'all time', sec: 0 },
};

/** Lines beside the table, candles on the page of a symbol. */
export type ChartStyle = 'lines' | 'candles';

const RETRY_MS = 5_000;
const HISTORY = '/api/market/open-interest/history';

export const historyQueries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 60_000, refetchOnWindowFocus: false } },
});

export const historyQuery = (symbol: string, range: Range, style: ChartStyle) =>
  queryOptions({
    queryKey: ['history', symbol, range, style],
    queryFn({ signal }) {
      const interval = style === 'candles' ? CHART_RANGES[range].candle : undefined;
      const query = new URLSearchParams({ symbol, range, ...(interval && { interval }) });
      return getJson(`${HISTORY}?${query.toString()}`, HistoryBody, signal);
    },
    // The chart appends live samples; after an hour of them it reads the history again, and soon after a failure.
    refetchInterval: ({ state }) => (state.status === 'error' ? RETRY_MS : HOUR_MS),
  });

/** What a chart shows of a firing of the viewer's own rules. */
const ChartFiring = z.object({
  id: z.string(),
  ruleName: z.string(),
  direction: z.enum(['up', 'down']),
  firedAt: z.number(),
  evidence: z.object({ changePct: z.number() }),
});
export type ChartFiring = z.infer<typeof ChartFiring>;

/** A firing that a chart marks; one that the cooldown held back in another way. */
export type MarkedFiring = Omit<ChartFiring, 'ruleName'> & { isHeldBack?: boolean };

const Firings = z.object({ firings: z.array(ChartFiring) });
const FIRINGS_EVERY_MS = 60_000;

/** Of the time of a replay. The chart marks what the rule fires, and not other alerts. */
export const replayedHistoryQuery = (symbol: string, replayed: { from: number; to: number; range: Range }) =>
  queryOptions({
    queryKey: ['replayed', symbol, replayed],
    async queryFn({ signal }): Promise<HistoryBody> {
      const { from, to, range } = replayed;
      const query = new URLSearchParams({ symbol, from: String(from), to: String(to) });
      const interval = CHART_RANGES[range].candle;
      if (interval) query.set('interval', interval);
      return { ...(await getJson(`${HISTORY}?${query.toString()}`, HistoryBody, signal)), alerts: [] };
    },
    staleTime: Infinity,
  });

/** Newest first. */
export const firingsQuery = (symbol: string) =>
  queryOptions({
    queryKey: ['firings', symbol],
    async queryFn({ signal }) {
      const query = new URLSearchParams({ symbol, limit: '200' });
      return (await getJson(`/api/alert-firings?${query.toString()}`, Firings, signal)).firings;
    },
    refetchInterval: FIRINGS_EVERY_MS,
  });

/** Every stored sample of the time that the history covers. */
export function samplesLink({ symbol, from, to }: HistoryBody): string {
  const query = new URLSearchParams({ symbol, from: String(from * 1_000), to: String(to * 1_000) });
  return `${HISTORY}/export?${query.toString()}`;
}
