import {
  createSeriesMarkers,
  type ISeriesApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { formatDecimal } from '../../kit/format.shared.ts';
import { chartColours } from './chartLook.ts';

const MARKERS = new WeakMap<ISeriesApi<'Line'>, ReturnType<typeof createSeriesMarkers<Time>>>();

/** Every alert of the history at the point where it fired; the highlighted one larger. */
export function createMarkers(
  series: ISeriesApi<'Line'>,
  history: HistoryBody,
  highlighted: string | null,
): void {
  const known = new Set(history.t);
  const markers: SeriesMarker<Time>[] = history.alerts
    .map((alert): SeriesMarker<Time> => {
      const isUp = alert.direction === 'UP';
      const sec = Math.floor(Date.parse(alert.ts) / 1_000 / history.bucketSec) * history.bucketSec;
      return {
        id: alert.id,
        time: (known.has(sec) ? sec : nearest(history.t, sec)) as UTCTimestamp,
        position: isUp ? 'belowBar' : 'aboveBar',
        shape: isUp ? 'arrowUp' : 'arrowDown',
        color: chartColours(document.documentElement).alert,
        size: alert.id === highlighted ? 2 : 1,
        text: markerText(alert.pctChange),
      };
    })
    .toSorted((a, b) => Number(a.time) - Number(b.time));
  const held = MARKERS.get(series);
  if (held) held.setMarkers(markers);
  else MARKERS.set(series, createSeriesMarkers(series, markers));
}

/** `+4.2%`: there is little room. */
function markerText(fraction: number): string {
  return `${fraction < 0 ? '' : '+'}${formatDecimal(fraction * 100, 1)}%`;
}

function nearest(times: readonly number[], sec: number): number {
  return times.reduce((best, it) => (Math.abs(it - sec) < Math.abs(best - sec) ? it : best), times[0] ?? sec);
}
