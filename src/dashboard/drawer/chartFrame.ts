import {
  ColorType,
  CrosshairMode,
  LineSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type SeriesType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/columns.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { axisFormat, formatApart, formatInSpan } from './axisFormat.ts';
import { timeGrid } from './chartData.ts';
import { chartColours, formatAxisTime, smallestStep } from './chartLook.ts';
import type { ChartValues } from './chartValues.ts';

/** What the chart is drawn from. */
export type ChartOptions = {
  history: HistoryBody;
  values: readonly ChartValues[];
  unit: ChangeUnit;
  zone: ClockZone;
};

export type Drawing = {
  readonly chart: IChartApi;
  /** The series of open interest, on which alerts are marked. */
  readonly main: ISeriesApi<SeriesType>;
  /** Draws the values of the running bucket, or of a new one. */
  readonly append: (values: ChartValues) => void;
};

/** An empty chart with room for every bucket of the history. */
export function createFrame(element: HTMLElement, { history, zone }: ChartOptions): IChartApi {
  const chart = createChart(element, layoutOf(chartColours(element), zone));
  // On a scale of its own: the first series of a scale decides how its numbers are written.
  const grid = chart.addSeries(LineSeries, { priceScaleId: '', lastValueVisible: false });
  grid.setData(timeGrid(history).map(whitespace));
  return chart;
}

function whitespace(time: number): { time: UTCTimestamp } {
  return { time: time as UTCTimestamp };
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
    leftPriceScale: { borderColor: colours.grid, entireTextOnly: true },
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
    // A mouse that drags selects the range to zoom to, see `zoom.ts`; a finger moves the chart.
    handleScroll: { pressedMouseMove: false },
    localization: { timeFormatter: (time: Time) => formatAxisTime(Number(time), 4, zone) },
  } as const;
}

/** Ticks have enough digits to differ; labels of single values have the digits of the range shown. */
export function axisOf(of: ChangeUnit | 'price', values: readonly number[]) {
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
