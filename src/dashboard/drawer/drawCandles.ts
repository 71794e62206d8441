import {
  CandlestickSeries,
  HistogramSeries,
  LineSeries,
  LineType,
  createTextWatermark,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { formatEvery, formatFunding } from '../../kit/format.shared.ts';
import { computeChartData, computeFunding } from './chartData.ts';
import { axisOf, createFrame, type ChartOptions, type Drawing } from './chartFrame.ts';
import { chartColours } from './chartLook.ts';
import type { ChartValues } from './chartValues.ts';
import { asData, valuesOf } from './drawLines.ts';

type Colours = ReturnType<typeof chartColours>;

/** Narrower charts have no room for a second scale: the price is in the legend. */
const LEFT_SCALE_FROM = 640;

/** Candles of open interest with the price over them, the change of each bucket below, and funding where it is known. */
export function drawCandles(element: HTMLElement, options: ChartOptions): Drawing {
  const { history, values } = options;
  const colours = chartColours(element);
  const chart = createFrame(element, options);
  chart.applyOptions({ leftPriceScale: { visible: element.clientWidth >= LEFT_SCALE_FROM } });
  const candles = addCandles(chart, options, colours);
  const price = addPrice(chart, options, colours);
  const changes = addChanges(chart, options, colours);
  const funding = values.some((it) => it.funding !== null) ? addFunding(chart, options, colours) : null;
  const every = formatEvery(history.bucketSec);
  const names = [`Open interest, ${every} candles, and mark price`, `Change in ${every}`, 'Funding'];
  const heights = [300, 100, 80];
  for (const [i, pane] of chart.panes().entries()) {
    pane.setStretchFactor(heights[i]!);
    createTextWatermark(pane, {
      horzAlign: 'left',
      vertAlign: 'top',
      lines: [{ text: ` ${names[i]!}`, color: colours.text, fontSize: 11, fontFamily: colours.font }],
    });
  }
  return {
    chart,
    main: candles,
    append(added) {
      candles.update(asCandle(added));
      changes.update(asChange(added, colours));
      if (added.price !== null) price.update(asData({ time: added.time, value: added.price }));
      if (added.funding !== null) funding?.update(asData({ time: added.time, value: added.funding }));
    },
  };
}

function addCandles(chart: IChartApi, { values, unit }: ChartOptions, { up, down }: Colours) {
  const bounds = values.flatMap(({ candle }) => (candle ? [candle.low, candle.high] : []));
  const series = chart.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
    priceLineVisible: false,
    priceFormat: axisOf(unit, bounds),
  });
  series.setData(values.map(asCandle));
  return series;
}

function addPrice(chart: IChartApi, { history, unit }: ChartOptions, colours: Colours) {
  const { price } = computeChartData(history, unit);
  const series = chart.addSeries(LineSeries, {
    priceScaleId: 'left',
    color: colours.price,
    lineWidth: 1,
    priceLineVisible: false,
    priceFormat: axisOf('price', valuesOf(price)),
  });
  series.setData(price.map(asData));
  return series;
}

function addChanges(chart: IChartApi, { values, unit }: ChartOptions, colours: Colours) {
  const changes = values.flatMap(({ candle }) => (candle ? [candle.close - candle.open] : []));
  const options = { priceLineVisible: false, lastValueVisible: false, priceFormat: axisOf(unit, changes) };
  const series = chart.addSeries(HistogramSeries, options, 1);
  series.setData(values.map((it) => asChange(it, colours)));
  return series;
}

function addFunding(chart: IChartApi, { history }: ChartOptions, colours: Colours) {
  const series = chart.addSeries(
    LineSeries,
    {
      color: colours.price,
      lineWidth: 1,
      lineType: LineType.WithSteps,
      priceLineVisible: false,
      priceFormat: { type: 'custom', minMove: 1e-8, formatter: formatFunding },
    },
    2,
  );
  series.setData(computeFunding(history).map(asData));
  return series;
}

function asCandle({ time, candle }: ChartValues): CandlestickData {
  // Without a candle it is a time without a value, which the library draws as nothing.
  return { time: time as UTCTimestamp, ...candle } as CandlestickData;
}

function asChange({ time, candle }: ChartValues, { up, down }: Colours): HistogramData {
  if (candle === null) return { time: time as UTCTimestamp } as HistogramData;
  const value = candle.close - candle.open;
  return { time: time as UTCTimestamp, value, color: value < 0 ? down : up };
}
