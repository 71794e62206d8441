import { useQuery } from '@tanstack/react-query';
import { Suspense, lazy, useCallback, useState } from 'react';
import {
  formatAge,
  formatContracts,
  formatFraction,
  formatPrice,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { RANGES, type ChangeUnit, type Range } from '../board/view.ts';
import { formatInRange, type ClockZone } from '../timeOfDay.ts';
import { ApiError } from '../live/api.ts';
import type { HeldRow } from '../sync/sync.types.ts';
import { summarise } from './chartData.ts';
import { DataTable } from './DataTable.tsx';
import { readHistory } from './history.ts';
import type { Crosshair } from './OiChart.tsx';

const OiChart = lazy(async () => ({ default: (await import('./OiChart.tsx')).OiChart }));

const HOUR_MS = 3_600_000;
const RANGE_SEC: Readonly<Record<Range, number>> = {
  '1h': 3_600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '1y': 31_536_000,
  // Whatever there is, is all.
  all: 0,
};
const RANGE_WORDS: Readonly<Record<Range, string>> = {
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '1y': '1 year',
  all: 'all time',
};

/** The past of one symbol: chart or table, its gaps, its alerts. */
export function HistorySection(props: {
  symbol: string;
  row: HeldRow | null;
  range: Range;
  unit: ChangeUnit;
  zone: ClockZone;
  look: string;
  alert: string | null;
  onRange: (range: Range) => void;
  onUnit: (unit: ChangeUnit) => void;
  onAlert: (id: string) => void;
}) {
  const { symbol, range, unit, zone } = props;
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<string | null>(null);
  const alert = pointed ?? props.alert;
  const query = useQuery({
    queryKey: ['history', symbol, range],
    queryFn: ({ signal }) => readHistory(symbol, range, signal),
    // Points that are appended to a chart stay in it; an hour of them is enough.
    refetchInterval: HOUR_MS,
  });
  const { refetch, isFetching } = query;
  const readAgain = useCallback(() => {
    if (!isFetching) void refetch();
  }, [refetch, isFetching]);
  return (
    <section aria-label="History">
      <div className="drawer-tools">
        <div className="segments" role="group" aria-label="Range">
          {RANGES.map((it) => (
            <button key={it} type="button" aria-pressed={it === range} onClick={() => props.onRange(it)}>
              {it}
            </button>
          ))}
        </div>
        <div className="segments" role="group" aria-label="Unit">
          {(['usd', 'contracts'] as const).map((it) => (
            <button key={it} type="button" aria-pressed={it === unit} onClick={() => props.onUnit(it)}>
              {it === 'usd' ? 'USD' : 'Contracts'}
            </button>
          ))}
        </div>
        <button type="button" className="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Data table
        </button>
      </div>
      {query.isPending && (
        <p className="chart-note slow">
          Loading {RANGE_WORDS[range]} of {symbol}…
        </p>
      )}
      {query.isError && (
        <p className="chart-note" role="alert">
          History could not be loaded ({describeFailure(query.error)}).{' '}
          <button type="button" className="link" onClick={() => void query.refetch()}>
            Try again
          </button>
        </p>
      )}
      {query.data &&
        (query.data.t.length === 0 ? (
          <p className="chart-note">
            No history for {symbol} yet. The first point appears after the next poll.
          </p>
        ) : asTable ? (
          <DataTable history={query.data} zone={zone} />
        ) : (
          <Suspense fallback={<p className="chart-note slow">Loading the chart…</p>}>
            <Chart {...props} alert={alert} history={query.data} onSilence={readAgain} />
          </Suspense>
        ))}
      {query.data && query.data.t.length > 0 && (
        <Facts {...props} alert={alert} history={query.data} onPoint={setPointed} />
      )}
    </section>
  );
}

function Chart(
  props: Parameters<typeof HistorySection>[0] & { history: HistoryBody; onSilence: () => void },
) {
  const { history, unit, zone } = props;
  const [at, setAt] = useState<Crosshair>(null);
  const onCrosshair = useCallback((next: Crosshair) => setAt(next), []);
  const write = unit === 'usd' ? formatUsd : formatContracts;
  const shown = at ?? newest(history, props.row, unit);
  const { low, high, gaps } = summarise(history, unit);
  const summary = `Open interest of ${history.symbol} over ${RANGE_WORDS[props.range]}: low ${write(low)}, high ${write(high)}, ${gaps}, ${countOf(history.alerts.length)} marked. Arrow keys step through it.`;
  return (
    <>
      <p className="legend">
        <span>{formatInRange(shown.time * 1_000, props.range, zone)}</span>
        <span className="legend-oi">OI {write(shown.oi)}</span>
        <span>Price {formatPrice(shown.price)}</span>
        {hasSnapshots(history) && <span className="muted hide-narrow">dashed: 5-min points</span>}
      </p>
      <OiChart {...props} highlighted={props.alert} summary={summary} onCrosshair={onCrosshair} />
    </>
  );
}

function countOf(alerts: number): string {
  return alerts === 1 ? '1 alert' : `${alerts} alerts`;
}

/** What the legend says while nobody points at the chart. */
function newest(history: HistoryBody, row: HeldRow | null, unit: ChangeUnit): NonNullable<Crosshair> {
  if (row) {
    const oi = unit === 'usd' ? row.openInterestUsd : row.openInterest;
    return { time: Math.floor(row.ts / 1_000), oi, price: row.markPrice };
  }
  const last = history.t.length - 1;
  const oi = (unit === 'usd' ? history.usd : history.oi)[last] ?? null;
  return { time: history.t[last] ?? history.to, oi, price: history.mark[last] ?? null };
}

function Facts(
  props: Parameters<typeof HistorySection>[0] & {
    history: HistoryBody;
    onPoint: (id: string | null) => void;
  },
) {
  const { history, unit, range, zone, onPoint } = props;
  const write = unit === 'usd' ? formatUsd : formatContracts;
  const { low, high, gaps } = summarise(history, unit);
  const coveredSec = history.to - history.from;
  const isShort = coveredSec < RANGE_SEC[range] * 0.95;
  return (
    <>
      <p className="muted facts">
        {range} low {write(low)} · high {write(high)} · {gaps}
        {isShort && ` · Only ${formatAge(coveredSec * 1_000)} of data in this range.`}
      </p>
      {history.alerts.length > 0 && (
        <div className="drawer-alerts">
          <h3>
            Alerts for {history.symbol} ({history.alerts.length})
          </h3>
          <ul>
            {history.alerts.slice(0, 8).map((alert) => (
              <li key={alert.id} className={alert.id === props.alert ? 'is-highlighted' : ''}>
                <button
                  type="button"
                  aria-pressed={alert.id === props.alert}
                  onClick={() => props.onAlert(alert.id)}
                  onPointerEnter={() => onPoint(alert.id)}
                  onPointerLeave={() => onPoint(null)}
                  onFocus={() => onPoint(alert.id)}
                  onBlur={() => onPoint(null)}
                >
                  <span className={alert.direction === 'UP' ? 'up' : 'down'}>
                    {alert.direction === 'UP' ? '▲' : '▼'} {formatFraction(alert.pctChange)}
                  </span>{' '}
                  {alert.timeframe} ·{' '}
                  <time dateTime={alert.ts} title={alert.ts}>
                    {formatInRange(Date.parse(alert.ts), range, zone)}
                  </time>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function hasSnapshots(history: HistoryBody): boolean {
  return history.source.some(([source]) => source !== 'realtime');
}

function describeFailure(thrown: unknown): string {
  if (thrown instanceof ApiError) return thrown.status === null ? thrown.message : `HTTP ${thrown.status}`;
  return String(thrown);
}
