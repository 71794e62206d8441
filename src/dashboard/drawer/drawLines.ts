import { LineSeries, LineStyle, type LineData, type UTCTimestamp } from 'lightweight-charts';
import { computeChartData, type Point } from './chartData.ts';
import { axisOf, createFrame, type ChartOptions, type Drawing } from './chartFrame.ts';
import { chartColours } from './chartLook.ts';

/** Open interest above, price below, as lines on one time axis. */
export function drawLines(element: HTMLElement, options: ChartOptions): Drawing {
  const colours = chartColours(element);
  const chart = createFrame(element, options);
  const data = computeChartData(options.history, options.unit);
  const oiLine = {
    color: colours.oi,
    priceLineVisible: false,
    priceFormat: axisOf(options.unit, valuesOf([...data.openInterest, ...data.snapshots])),
  } as const;
  const main = chart.addSeries(LineSeries, { ...oiLine, lineWidth: 2 });
  const snapshots = chart.addSeries(LineSeries, {
    ...oiLine,
    lineWidth: 1,
    lineStyle: LineStyle.Dashed,
    lastValueVisible: false,
  });
  const priceLine = {
    color: colours.price,
    lineWidth: 1,
    priceLineVisible: false,
    priceFormat: axisOf('price', valuesOf(data.price)),
  } as const;
  const price = chart.addSeries(LineSeries, priceLine, 1);
  main.setData(data.openInterest.map(asData));
  snapshots.setData(data.snapshots.map(asData));
  price.setData(data.price.map(asData));
  const [upper, lower] = chart.panes();
  upper?.setStretchFactor(220);
  lower?.setStretchFactor(120);
  return {
    chart,
    main,
    append(values) {
      const { time } = values;
      if (values.candle) main.update(asData({ time, value: values.candle.close }));
      if (values.price !== null) price.update(asData({ time, value: values.price }));
    },
  };
}

/** A point's colour is that of the line segment that starts at it. */
export function asData({ time, value, breaks }: Point): LineData {
  return { time: time as UTCTimestamp, value, ...(breaks ? { color: 'transparent' } : {}) };
}

export function valuesOf(points: readonly Point[]): number[] {
  return points.map((it) => it.value);
}
