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
import type { MarkedFiring } from './history.ts';

/** With more of them only the highlighted one says its percent. */
const MOST_NAMED = 12;

/** Something that happened at a moment of the history. */
type Event = {
  id: string;
  at: number;
  isUp: boolean;
  percent: number;
  kind: 'alert' | 'firing' | 'heldBack';
};

/**
 * Marks alerts of the collector by arrows, firings of the viewer's own rules by circles, and what the cooldown held back by
 * grey squares, each at the bucket in which it happened. The returned function sets what is marked; the highlighted one is
 * larger.
 */
export function createMarkers(series: ISeriesApi<SeriesType>, history: HistoryBody) {
  const known = new Set(history.t);
  const colours = chartColours(document.body);
  const shown = createSeriesMarkers<Time>(series);

  function markerOf(event: Event, isHighlighted: boolean, isNamed: boolean): SeriesMarker<Time> {
    const sec = Math.floor(event.at / 1_000 / history.bucketSec) * history.bucketSec;
    return {
      id: event.id,
      time: (known.has(sec) ? sec : nearest(history.t, sec)) as UTCTimestamp,
      position: event.isUp ? 'belowBar' : 'aboveBar',
      shape: shapeOf(event),
      color: event.kind === 'heldBack' ? colours.text : colours.alert,
      size: isHighlighted ? 2 : 1,
      ...((isNamed || isHighlighted) && { text: textOf(event.percent) }),
    };
  }

  return (firings: readonly MarkedFiring[], highlighted: string | null): void => {
    const events = eventsOf(history, firings);
    const isNamed = events.length <= MOST_NAMED;
    shown.setMarkers(
      events
        .map((it) => markerOf(it, it.id === highlighted, isNamed))
        .toSorted((a, b) => Number(a.time) - Number(b.time)),
    );
  };
}

function eventsOf(history: HistoryBody, firings: readonly MarkedFiring[]): Event[] {
  return [
    ...history.alerts.map((it) => ({
      id: it.id,
      at: Date.parse(it.ts),
      isUp: it.direction === 'UP',
      percent: it.pctChange * 100,
      kind: 'alert' as const,
    })),
    ...firings.map((it) => ({
      id: it.id,
      at: it.firedAt,
      isUp: it.direction === 'up',
      percent: it.evidence.changePct,
      kind: it.isHeldBack ? ('heldBack' as const) : ('firing' as const),
    })),
  ];
}

function shapeOf({ kind, isUp }: Event) {
  if (kind === 'alert') return isUp ? 'arrowUp' : 'arrowDown';
  return kind === 'firing' ? 'circle' : 'square';
}

/** `+4.2%`: there is little room. */
function textOf(percent: number): string {
  return `${percent < 0 ? '' : '+'}${formatDecimal(percent, 1)}%`;
}

function nearest(times: readonly number[], sec: number): number {
  return times.reduce((best, it) => (Math.abs(it - sec) < Math.abs(best - sec) ? it : best), times[0] ?? sec);
}
