import { useRef, useState } from 'react';
import { formatCountOf, formatFraction, formatFunding, formatPrice } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/columns.ts';
import type { Range } from '../board/view.ts';
import { Button } from '../shell/Button.tsx';
import { saveFile } from '../shell/saveFile.ts';
import type { Settings } from '../shell/settings.ts';
import { useMedia } from '../shell/useMedia.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { formatInRange, type ClockZone } from '../timeOfDay.ts';
import { formatExactAmount } from './axisFormat.ts';
import { summarise } from './chartData.ts';
import type { ChartValues } from './chartValues.ts';
import { CHART_RANGES, samplesLink, type ChartStyle, type MarkedFiring } from './history.ts';
import type { LiveChart } from './liveChart.ts';
import { OiChart } from './OiChart.tsx';
import { renderShownCsv } from './shownCsv.ts';

/** The chart with the values at its crosshair, or the newest ones, above it. */
export function HistoryChart(props: {
  history: HistoryBody;
  row: HeldRow | null;
  style: ChartStyle;
  unit: ChangeUnit;
  range: Range;
  look: Pick<Settings, 'zone' | 'theme' | 'palette'>;
  firings: readonly MarkedFiring[];
  /** The highlighted alert. */
  alert: string | null;
  onSilence?: (() => void) | undefined;
}) {
  const { history, row, style, unit, range, firings } = props;
  const { zone, theme, palette } = props.look;
  // A theme that follows the system changes the page by itself; a canvas has to be drawn again.
  const isLight = useMedia('(prefers-color-scheme: light)');
  const [newest, setNewest] = useState<ChartValues | null>(null);
  const [at, setAt] = useState<ChartValues | null>(null);
  const shown = at ?? newest;
  const chart = useRef<Pick<LiveChart, 'readShown'>>(null);
  const { low, high, gaps } = summarise(history, unit);
  const alerts = formatCountOf(history.alerts.length + firings.length, 'alert');
  const summary = `Open interest of ${history.symbol} over ${CHART_RANGES[range].words}: low ${low}, high ${high}, ${gaps}, ${alerts} marked. Arrow keys step through it.`;
  return (
    <OiChart
      history={history}
      row={row}
      style={style}
      unit={unit}
      zone={zone}
      look={`${theme} ${palette} ${isLight}`}
      summary={summary}
      firings={firings}
      highlighted={props.alert}
      onNewest={setNewest}
      onCrosshair={setAt}
      onSilence={props.onSilence}
      shown={chart}
    >
      {shown && <Legend {...{ shown, unit, range, zone }} isLong={style === 'candles'} />}
      {style === 'lines' && hasSnapshots(history) && (
        <span className="muted hide-narrow">dashed: 5-min points</span>
      )}
      {style === 'candles' && (
        <Exports
          history={history}
          onSave={() => {
            const name = `${history.symbol}-open-interest-${range}.csv`;
            saveFile(name, renderShownCsv(chart.current?.readShown() ?? [], unit));
          }}
        />
      )}
    </OiChart>
  );
}

/** `isLong`: also where the bucket began, its bounds and its funding, for which a phone has no room. */
function Legend(props: {
  shown: ChartValues;
  unit: ChangeUnit;
  range: Range;
  zone: ClockZone;
  isLong: boolean;
}) {
  const { shown, unit, range, zone, isLong } = props;
  const { candle } = shown;
  const write = (value: number | undefined): string => formatExactAmount(value ?? null, unit);
  return (
    <p className="legend">
      <span>{formatInRange(shown.time * 1_000, range, zone)}</span>
      <span className="legend-oi">OI {write(candle?.close)}</span>
      {isLong && candle && (
        <>
          <span className="hide-narrow">Open {write(candle.open)}</span>
          <span className="hide-narrow">High {write(candle.high)}</span>
          <span className="hide-narrow">Low {write(candle.low)}</span>
          <span>Change {formatFraction(candle.close / candle.open - 1)}</span>
        </>
      )}
      <span>Price {formatPrice(shown.price)}</span>
      {isLong && <span className="hide-narrow">Funding {formatFunding(shown.funding)}</span>}
    </p>
  );
}

function Exports({ history, onSave }: { history: HistoryBody; onSave: () => void }) {
  return (
    <p className="chart-exports">
      <Button className="small" onClick={onSave}>
        CSV of what is shown
      </Button>
      <a className="button small" href={samplesLink(history)} download>
        All samples
      </a>
    </p>
  );
}

function hasSnapshots(history: HistoryBody): boolean {
  return history.source.some(([source]) => source !== 'realtime');
}
