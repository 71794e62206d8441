import { QueryClient, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { HistoryBody, type HistoryInterval } from '../../openInterest/history/history.types.ts';
import type { Range } from '../board/view.ts';
import { getJson } from '../live/api.ts';
import { HOUR_MS } from '../timeOfDay.ts';

export const RANGE_WORDS: Readonly<Record<Range, string>> = {
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '1y': '1 year',
  all: 'all time',
};

/** Lines beside the table, candles on the page of a symbol. */
export type ChartStyle = 'lines' | 'candles';

const RETRY_MS = 5_000;
const HISTORY = '/api/market/open-interest/history';

/** Some samples to a candle. Of `all` the server chooses. */
const CANDLES: Readonly<Partial<Record<Range, HistoryInterval>>> = {
  '1h': '1m',
  '6h': '5m',
  '24h': '15m',
  '7d': '1h',
  '30d': '4h',
  '1y': '1d',
};

export const historyQueries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 60_000, refetchOnWindowFocus: false } },
});

export const historyQuery = (symbol: string, range: Range, style: ChartStyle) =>
  queryOptions({
    queryKey: ['history', symbol, range, style],
    queryFn({ signal }) {
      const interval = style === 'candles' ? CANDLES[range] : undefined;
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
      const interval = CANDLES[range];
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
