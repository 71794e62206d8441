import {
  ColorType,
  CrosshairMode,
  LineSeries,
  LineStyle,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type LineData,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef, useState } from 'react';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/view.ts';
import { formatContracts, formatPrice, formatUsd } from '../../kit/format.shared.ts';
import { type ClockZone } from '../timeOfDay.ts';
import type { HeldRow } from '../sync/sync.types.ts';
import { chartColours, formatAxisTime, smallestStep } from './chartLook.ts';
import { createMarkers } from './chartMarkers.ts';
import { computeChartData, isSilence, livePoint, timeGrid, type Point } from './chartData.ts';

const ASK_AGAIN_MS = 30_000;

type Line = ISeriesApi<'Line'>;
type Lines = { chart: IChartApi; oi: Line; snapshots: Line; price: Line };
export type Crosshair = { time: number; oi: number | null; price: number | null } | null;

/** Open interest above, price below, on one time axis. */
export function OiChart(props: {
  history: HistoryBody;
  row: HeldRow | null;
  unit: ChangeUnit;
  zone: ClockZone;
  /** Changes when the theme does: colours are read from the page. */
  look: string;
  summary: string;
  highlighted: string | null;
  onCrosshair: (at: Crosshair) => void;
  /** Samples were missed since the history was read. */
  onSilence: () => void;
}) {
  const { history, row, unit, zone, look, onCrosshair, onSilence } = props;
  const place = useRef<HTMLDivElement>(null);
  const lines = useRef<Lines | null>(null);
  const stepIndex = useRef<number | null>(null);
  const drawnUntil = useRef(0);
  const askedAt = useRef(-Infinity);
  const isHandled = useRef(false);
  const [isBehind, setIsBehind] = useState(false);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = draw(element, history, unit, zone);
    lines.current = made;
    stepIndex.current = null;
    drawnUntil.current = 0;
    isHandled.current = false;
    made.chart.subscribeCrosshairMove(({ time, seriesData }) => {
      const valueOf = (series: ISeriesApi<'Line'>): number | null => {
        const data = seriesData.get(series) as LineData | undefined;
        return data?.value ?? null;
      };
      onCrosshair(
        time === undefined
          ? null
          : {
              time: Number(time),
              oi: valueOf(made.oi) ?? valueOf(made.snapshots),
              price: valueOf(made.price),
            },
      );
    });
    made.chart.timeScale().subscribeVisibleLogicalRangeChange(() => {
      setIsBehind(made.chart.timeScale().scrollPosition() < -2);
    });
    // A wider or narrower window shows the same range, unless somebody has moved or zoomed it.
    made.chart.timeScale().subscribeSizeChange(() => {
      if (!isHandled.current) made.chart.timeScale().fitContent();
    });
    return () => {
      lines.current = null;
      made.chart.remove();
    };
  }, [history, unit, zone, look, onCrosshair]);

  useEffect(() => {
    if (!lines.current) return;
    createMarkers(lines.current.oi, history, props.highlighted);
  }, [history, unit, zone, look, props.highlighted]);

  // The library keeps its place when it is not at the right edge, so that nobody is carried off from what they look at.
  useEffect(() => {
    if (!row || !lines.current) return;
    const until = Math.max(drawnUntil.current, history.t.at(-1) ?? 0);
    if (isSilence(history, until, row)) {
      // History may not have it either; asking again at once would never end.
      if (row.ts - askedAt.current < ASK_AGAIN_MS) return;
      askedAt.current = row.ts;
      return onSilence();
    }
    const point = livePoint(history, until, row, unit);
    if (!point) return;
    drawnUntil.current = Math.max(until, point.oi?.time ?? 0);
    if (point.oi) lines.current.oi.update(asData(point.oi));
    if (point.price) lines.current.price.update(asData(point.price));
  }, [history, row, unit, onSilence]);

  /** The library has no keys of its own. */
  function step(by: number): void {
    const made = lines.current;
    if (!made || history.t.length === 0) return;
    const last = history.t.length - 1;
    stepIndex.current = Math.max(0, Math.min((stepIndex.current ?? last) + by, last));
    const i = stepIndex.current;
    const value = (unit === 'usd' ? history.usd : history.oi)[i] ?? null;
    const time = history.t[i]!;
    if (value !== null) made.chart.setCrosshairPosition(value, time as UTCTimestamp, made.oi);
    onCrosshair({ time, oi: value, price: history.mark[i] ?? null });
  }

  return (
    <div className="chart-frame">
      <div
        ref={place}
        className="chart"
        role="img"
        aria-label={props.summary}
        tabIndex={0}
        onPointerDown={() => (isHandled.current = true)}
        onWheel={() => (isHandled.current = true)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
          event.preventDefault();
          step(event.key === 'ArrowLeft' ? -1 : 1);
        }}
      />
      {isBehind && (
        <button
          type="button"
          className="button small chart-now"
          onClick={() => lines.current?.chart.timeScale().scrollToRealTime()}
        >
          Jump to now
        </button>
      )}
    </div>
  );
}

function draw(element: HTMLElement, history: HistoryBody, unit: ChangeUnit, zone: ClockZone): Lines {
  const colours = chartColours(element);
  const chart = createChart(element, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colours.background },
      textColor: colours.text,
      fontSize: 11,
      fontFamily: colours.font,
      // Its logo brings an inline style, which the content security policy refuses; the drawer names the library.
      attributionLogo: false,
      panes: { separatorColor: colours.grid, enableResize: false },
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    // A scale shows a figure whole or not at all.
    rightPriceScale: { borderColor: colours.grid, entireTextOnly: true },
    timeScale: {
      borderColor: colours.grid,
      timeVisible: true,
      secondsVisible: false,
      // A week of points has to find room on a phone.
      minBarSpacing: 0.05,
      // Also keeps the first label from being cut off at the edge.
      fixLeftEdge: true,
      // Room for the words of a marker at the right edge.
      rightOffsetPixels: 24,
      tickMarkFormatter: (time: Time, kind: number) => formatAxisTime(Number(time), kind, zone),
    },
    crosshair: { mode: CrosshairMode.Magnet },
    localization: { timeFormatter: (time: Time) => formatAxisTime(Number(time), 4, zone) },
  });
  const data = computeChartData(history, unit);
  const axisOf = (write: (value: number) => string, points: readonly Point[]) =>
    ({
      type: 'custom',
      formatter: write,
      minMove: smallestStep(points.map((it) => it.value)),
    }) as const;
  const oiFormat = axisOf(unit === 'usd' ? formatUsd : formatContracts, [
    ...data.openInterest,
    ...data.snapshots,
  ]);
  const oi = chart.addSeries(LineSeries, {
    color: colours.oi,
    lineWidth: 2,
    priceLineVisible: false,
    priceFormat: oiFormat,
  });
  const snapshots = chart.addSeries(LineSeries, {
    color: colours.oi,
    lineWidth: 1,
    lineStyle: LineStyle.Dashed,
    priceLineVisible: false,
    lastValueVisible: false,
    priceFormat: oiFormat,
  });
  const price = chart.addSeries(
    LineSeries,
    {
      color: colours.price,
      lineWidth: 1,
      priceLineVisible: false,
      priceFormat: axisOf(formatPrice, data.price),
    },
    1,
  );
  chart
    .addSeries(LineSeries, { lastValueVisible: false })
    .setData(timeGrid(history).map((time) => ({ time: time as UTCTimestamp })));
  oi.setData(data.openInterest.map(asData));
  snapshots.setData(data.snapshots.map(asData));
  price.setData(data.price.map(asData));
  const [upper, lower] = chart.panes();
  upper?.setStretchFactor(220);
  lower?.setStretchFactor(120);
  chart.timeScale().fitContent();
  return { chart, oi, snapshots, price };
}

/** A point's colour is that of the line that leaves it. */
function asData({ time, value, breaks }: Point): LineData {
  return { time: time as UTCTimestamp, value, ...(breaks ? { color: 'transparent' } : {}) };
}
