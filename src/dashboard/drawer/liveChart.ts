import type { MouseEventParams, Time, UTCTimestamp } from 'lightweight-charts';
import type { HeldRow } from '../../client/sync.types.ts';
import { isSilence } from './chartData.ts';
import type { ChartOptions } from './chartFrame.ts';
import { createMarkers } from './chartMarkers.ts';
import { computeValues, liveValues, type ChartValues } from './chartValues.ts';
import { drawCandles } from './drawCandles.ts';
import { drawLines } from './drawLines.ts';
import type { ChartStyle } from './history.ts';
import { fitBuckets } from './wideBuckets.ts';
import { createZoom } from './zoom.ts';

export type LiveChart = ReturnType<typeof createLiveChart>;

const READ_AGAIN_MS = 30_000;

type LiveOptions = Omit<ChartOptions, 'values'> & {
  style: ChartStyle;
  /** The values of the newest bucket, whenever they change. */
  onNewest: (values: ChartValues) => void;
  /** The values under the crosshair; `null`: it is not on the chart. */
  onCrosshair: (at: ChartValues | null) => void;
  /** The newest points are out of sight. */
  onBehind: (isBehind: boolean) => void;
  onZoom: (isZoomed: boolean) => void;
  /** Samples were missed since the history was read. */
  onSilence: () => void;
};

/** A drawn chart that live samples are appended to and that the keyboard steps through. */
export function createLiveChart(element: HTMLElement, options: LiveOptions) {
  const { unit, style, onCrosshair } = options;
  const isCandles = style === 'candles';
  const history = isCandles ? fitBuckets(options.history, element.clientWidth) : options.history;
  const values = computeValues(history, unit);
  const byTime = new Map(values.map((it) => [it.time, it]));
  const { chart, main, append } = (isCandles ? drawCandles : drawLines)(element, {
    ...options,
    history,
    values,
  });
  const scale = chart.timeScale();
  scale.fitContent();
  const zoom = createZoom(element, chart, options.onZoom);
  let last = values.at(-1);
  if (last) options.onNewest(last);
  let index: number | null = null;
  let readAgainAt = -Infinity;

  chart.subscribeCrosshairMove(({ time }: MouseEventParams<Time>) =>
    onCrosshair(time === undefined ? null : (byTime.get(Number(time)) ?? emptyAt(Number(time)))),
  );
  scale.subscribeVisibleLogicalRangeChange(() => options.onBehind(scale.scrollPosition() < -2));

  // The library has no keyboard support.
  const stopKeys = listenToKeys(element, (by) => {
    if (values.length === 0) return;
    index = Math.max(0, Math.min((index ?? values.length - 1) + by, values.length - 1));
    const at = values[index]!;
    if (at.candle) chart.setCrosshairPosition(at.candle.close, at.time as UTCTimestamp, main);
    onCrosshair(at);
  });

  return {
    zoom,
    setMarkers: createMarkers(main, history),
    jumpToNow: () => scale.scrollToRealTime(),
    /** The buckets in sight, oldest first. */
    readShown(): ChartValues[] {
      const range = scale.getVisibleRange();
      const all = [...byTime.values()];
      return range === null
        ? all
        : all.filter(({ time }) => Number(range.from) <= time && time <= Number(range.to));
    },
    remove() {
      stopKeys();
      zoom.stop();
      chart.remove();
    },

    /** The library keeps its place when it is not at the right edge. */
    append(row: HeldRow) {
      if (isSilence(history, last?.time ?? 0, row)) {
        // The server may not have the missing samples either, so it is asked at intervals.
        if (row.ts - readAgainAt < READ_AGAIN_MS) return;
        readAgainAt = row.ts;
        return options.onSilence();
      }
      const added = liveValues(history, last, row, unit);
      if (!added) return;
      last = added;
      byTime.set(added.time, added);
      append(added);
      options.onNewest(added);
    },
  };
}

function emptyAt(time: number): ChartValues {
  return { time, candle: null, price: null, funding: null };
}

function listenToKeys(element: HTMLElement, onStep: (by: number) => void): () => void {
  const abort = new AbortController();
  element.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      onStep(event.key === 'ArrowLeft' ? -1 : 1);
    },
    { signal: abort.signal },
  );
  return () => abort.abort();
}
