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
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/view.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { axisFormat, formatApart, formatInSpan } from './axisFormat.ts';
import { computeChartData, timeGrid, type Point } from './chartData.ts';
import { chartColours, formatAxisTime, smallestStep } from './chartLook.ts';

type Line = ISeriesApi<'Line'>;
export type DrawnChart = { chart: IChartApi; oi: Line; snapshots: Line; price: Line };

/** What the chart is drawn from. */
export type ChartOptions = { history: HistoryBody; unit: ChangeUnit; zone: ClockZone };

/** Open interest above, price below, on one time axis. */
export function drawChart(element: HTMLElement, options: ChartOptions): DrawnChart {
  const colours = chartColours(element);
  const chart = createChart(element, layoutOf(colours, options.zone));
  const data = computeChartData(options.history, options.unit);
  const oiLine = {
    color: colours.oi,
    priceLineVisible: false,
    priceFormat: axisOf(options.unit, [...data.openInterest, ...data.snapshots]),
  } as const;
  const oi = chart.addSeries(LineSeries, { ...oiLine, lineWidth: 2 });
  const snapshots = chart.addSeries(LineSeries, {
    ...oiLine,
    lineWidth: 1,
    lineStyle: LineStyle.Dashed,
    lastValueVisible: false,
  });
  const price = chart.addSeries(
    LineSeries,
    {
      color: colours.price,
      lineWidth: 1,
      priceLineVisible: false,
      priceFormat: axisOf('price', data.price),
    },
    1,
  );
  const grid = chart.addSeries(LineSeries, { lastValueVisible: false });
  grid.setData(timeGrid(options.history).map((time) => ({ time: time as UTCTimestamp })));
  oi.setData(data.openInterest.map(asData));
  snapshots.setData(data.snapshots.map(asData));
  price.setData(data.price.map(asData));
  const [upper, lower] = chart.panes();
  upper?.setStretchFactor(220);
  lower?.setStretchFactor(120);
  chart.timeScale().fitContent();
  return { chart, oi, snapshots, price };
}

/** A point's colour is that of the line segment that starts at it. */
export function asData({ time, value, breaks }: Point): LineData {
  return { time: time as UTCTimestamp, value, ...(breaks ? { color: 'transparent' } : {}) };
}

function layoutOf(colours: ReturnType<typeof chartColours>, zone: ClockZone) {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colours.background },
      textColor: colours.text,
      fontSize: 11,
      fontFamily: colours.font,
      // The logo sets an inline style, which the content security policy refuses; the drawer names the library.
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
      // A week of points has to fit a phone.
      minBarSpacing: 0.05,
      // Also keeps the first label from being cut off at the edge.
      fixLeftEdge: true,
      // Room for the text of a marker at the right edge.
      rightOffsetPixels: 24,
      tickMarkFormatter: (time: Time, kind: number) => formatAxisTime(Number(time), kind, zone),
    },
    crosshair: { mode: CrosshairMode.Magnet },
    localization: { timeFormatter: (time: Time) => formatAxisTime(Number(time), 4, zone) },
  } as const;
}

/** Ticks have as many digits as tell them apart, and the labels of single values those of the range shown. */
function axisOf(of: ChangeUnit | 'price', points: readonly Point[]) {
  const values = points.map((it) => it.value);
  const format = axisFormat(values, of);
  const [low, high] = values.reduce(
    ([a, b], it) => [Math.min(a, it), Math.max(b, it)],
    [Infinity, -Infinity],
  );
  return {
    type: 'custom',
    minMove: smallestStep(values),
    formatter: (value: number) => formatInSpan(value, high - low, format),
    tickmarksFormatter: (ticks: readonly number[]) => formatApart(ticks, format),
  } as const;
}
