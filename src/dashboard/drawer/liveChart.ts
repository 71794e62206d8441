import type { LineData, MouseEventParams, Time, UTCTimestamp } from 'lightweight-charts';
import type { HeldRow } from '../../client/sync.types.ts';
import { isSilence, livePoint } from './chartData.ts';
import { createMarkers } from './chartMarkers.ts';
import { asData, drawChart, type ChartOptions, type DrawnChart } from './drawChart.ts';

/** The values under the crosshair; `time` in seconds. */
export type Crosshair = { time: number; oi: number | null; price: number | null } | null;

export type LiveChart = ReturnType<typeof createLiveChart>;

const READ_AGAIN_MS = 30_000;

/** A drawn chart that live samples are appended to and that the keyboard steps through. */
export function createLiveChart(
  element: HTMLElement,
  options: ChartOptions & {
    onCrosshair: (at: Crosshair) => void;
    /** The newest points are out of sight. */
    onBehind: (isBehind: boolean) => void;
    /** Samples were missed since the history was read. */
    onSilence: () => void;
  },
) {
  const { history, unit, onCrosshair } = options;
  const drawn = drawChart(element, options);
  const scale = drawn.chart.timeScale();
  let isMoved = false;
  let index: number | null = null;
  let drawnUntil = history.t.at(-1) ?? 0;
  let readAgainAt = -Infinity;

  drawn.chart.subscribeCrosshairMove((event) => onCrosshair(valuesAt(drawn, event)));
  scale.subscribeVisibleLogicalRangeChange(() => options.onBehind(scale.scrollPosition() < -2));
  // A resized window shows the same range, unless the viewer has moved or zoomed it.
  scale.subscribeSizeChange(() => {
    if (!isMoved) scale.fitContent();
  });

  const stopInput = listenToInput(element, {
    onMove: () => (isMoved = true),
    onStep(by) {
      if (history.t.length === 0) return;
      const last = history.t.length - 1;
      index = Math.max(0, Math.min((index ?? last) + by, last));
      const oi = (unit === 'usd' ? history.usd : history.oi)[index] ?? null;
      const time = history.t[index]!;
      if (oi !== null) drawn.chart.setCrosshairPosition(oi, time as UTCTimestamp, drawn.oi);
      onCrosshair({ time, oi, price: history.mark[index] ?? null });
    },
  });

  return {
    remove() {
      stopInput();
      drawn.chart.remove();
    },
    jumpToNow: () => scale.scrollToRealTime(),
    highlight: (alert: string | null) => createMarkers(drawn.oi, history, alert),

    /** The library keeps its place when it is not at the right edge. */
    append(row: HeldRow) {
      if (isSilence(history, drawnUntil, row)) {
        // The server may not have the missing samples either, so it is asked at intervals.
        if (row.ts - readAgainAt < READ_AGAIN_MS) return;
        readAgainAt = row.ts;
        return options.onSilence();
      }
      const point = livePoint(history, drawnUntil, row, unit);
      if (!point) return;
      drawnUntil = Math.max(drawnUntil, point.oi?.time ?? 0);
      if (point.oi) drawn.oi.update(asData(point.oi));
      if (point.price) drawn.price.update(asData(point.price));
    },
  };
}

/** `onMove`: the viewer moves or zooms the chart. The library has no keyboard support, so arrow keys are handled here. */
function listenToInput(
  element: HTMLElement,
  { onMove, onStep }: { onMove: () => void; onStep: (by: number) => void },
): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  element.addEventListener('pointerdown', onMove, { signal });
  element.addEventListener('wheel', onMove, { signal, passive: true });
  element.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      onStep(event.key === 'ArrowLeft' ? -1 : 1);
    },
    { signal },
  );
  return () => abort.abort();
}

function valuesAt(drawn: DrawnChart, { time, seriesData }: MouseEventParams<Time>): Crosshair {
  if (time === undefined) return null;
  const [oi, snapshot, price] = [drawn.oi, drawn.snapshots, drawn.price].map(
    (series) => (seriesData.get(series) as LineData | undefined)?.value ?? null,
  );
  return { time: Number(time), oi: oi ?? snapshot ?? null, price: price ?? null };
}
