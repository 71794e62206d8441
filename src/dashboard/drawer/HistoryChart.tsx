import { useState } from 'react';
import { formatPrice } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/view.ts';
import { useSettings, useView } from '../shell/useDashboard.ts';
import { useMedia } from '../shell/useMedia.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { formatInRange } from '../timeOfDay.ts';
import { formatExactAmount } from './axisFormat.ts';
import { formatBounds, summarise } from './chartData.ts';
import { RANGE_WORDS } from './history.ts';
import type { Crosshair } from './liveChart.ts';
import { OiChart } from './OiChart.tsx';

/** The chart with the values at its crosshair, or the newest ones, above it. */
export function HistoryChart(props: {
  history: HistoryBody;
  row: HeldRow | null;
  /** The highlighted alert. */
  alert: string | null;
  onSilence: () => void;
}) {
  const { history, row } = props;
  const unit = useView((it) => it.unit);
  const range = useView((it) => it.range);
  const { zone, theme, palette } = useSettings((it) => it);
  // A theme that follows the system changes the page by itself; a canvas has to be drawn again.
  const isLight = useMedia('(prefers-color-scheme: light)');
  const [at, setAt] = useState<Crosshair>(null);
  const shown = at ?? newest(history, row, unit);
  const { gaps, ...bounds } = summarise(history, unit);
  const { low, high } = formatBounds(bounds, unit);
  const alerts = `${history.alerts.length} ${history.alerts.length === 1 ? 'alert' : 'alerts'}`;
  const summary = `Open interest of ${history.symbol} over ${RANGE_WORDS[range]}: low ${low}, high ${high}, ${gaps}, ${alerts} marked. Arrow keys step through it.`;
  return (
    <>
      <p className="legend">
        <span>{formatInRange(shown.time * 1_000, range, zone)}</span>
        <span className="legend-oi">OI {formatExactAmount(shown.oi, unit)}</span>
        <span>Price {formatPrice(shown.price)}</span>
        {hasSnapshots(history) && <span className="muted hide-narrow">dashed: 5-min points</span>}
      </p>
      <OiChart
        history={history}
        row={row}
        unit={unit}
        zone={zone}
        look={`${theme} ${palette} ${isLight}`}
        summary={summary}
        highlighted={props.alert}
        onCrosshair={setAt}
        onSilence={props.onSilence}
      />
    </>
  );
}

function newest(history: HistoryBody, row: HeldRow | null, unit: ChangeUnit): NonNullable<Crosshair> {
  if (row) {
    const oi = unit === 'usd' ? row.openInterestUsd : row.openInterest;
    return { time: Math.floor(row.ts / 1_000), oi, price: row.markPrice };
  }
  const last = history.t.length - 1;
  const oi = (unit === 'usd' ? history.usd : history.oi)[last] ?? null;
  return { time: history.t[last] ?? history.to, oi, price: history.mark[last] ?? null };
}

function hasSnapshots(history: HistoryBody): boolean {
  return history.source.some(([source]) => source !== 'realtime');
}
