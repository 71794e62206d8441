import {
  createSeriesMarkers,
  type ISeriesApi,
  type SeriesMarker,
  type SeriesType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { formatDecimal } from '../../kit/format.shared.ts';
import { chartColours } from './chartLook.ts';
import type { ChartFiring } from './history.ts';

/** Something that happened at a moment of the history. */
type Event = { id: string; at: number; isUp: boolean; percent: number; isRule: boolean };

/**
 * Marks alerts of the collector by arrows and firings of the viewer's own rules by circles, each at the bucket in which it
 * happened. The returned function sets what is marked; the highlighted one is larger.
 */
export function createMarkers(series: ISeriesApi<SeriesType>, history: HistoryBody) {
  const known = new Set(history.t);
  const { alert: colour } = chartColours(document.body);
  const shown = createSeriesMarkers<Time>(series);

  function markerOf(event: Event, highlighted: string | null): SeriesMarker<Time> {
    const sec = Math.floor(event.at / 1_000 / history.bucketSec) * history.bucketSec;
    return {
      id: event.id,
      time: (known.has(sec) ? sec : nearest(history.t, sec)) as UTCTimestamp,
      position: event.isUp ? 'belowBar' : 'aboveBar',
      shape: event.isRule ? 'circle' : event.isUp ? 'arrowUp' : 'arrowDown',
      color: colour,
      size: event.id === highlighted ? 2 : 1,
      text: textOf(event.percent),
    };
  }

  return (firings: readonly ChartFiring[], highlighted: string | null): void => {
    const events = eventsOf(history, firings);
    shown.setMarkers(
      events.map((it) => markerOf(it, highlighted)).toSorted((a, b) => Number(a.time) - Number(b.time)),
    );
  };
}

function eventsOf(history: HistoryBody, firings: readonly ChartFiring[]): Event[] {
  return [
    ...history.alerts.map((it) => ({
      id: it.id,
      at: Date.parse(it.ts),
      isUp: it.direction === 'UP',
      percent: it.pctChange * 100,
      isRule: false,
    })),
    ...firings.map((it) => ({
      id: it.id,
      at: it.firedAt,
      isUp: it.direction === 'up',
      percent: it.evidence.changePct,
      isRule: true,
    })),
  ];
}

/** `+4.2%`: there is little room. */
function textOf(percent: number): string {
  return `${percent < 0 ? '' : '+'}${formatDecimal(percent, 1)}%`;
}

function nearest(times: readonly number[], sec: number): number {
  return times.reduce((best, it) => (Math.abs(it - sec) < Math.abs(best - sec) ? it : best), times[0] ?? sec);
}
