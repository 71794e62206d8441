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

/** Events of one kind and direction in one bucket, which have one marker: a stack of them would leave the pane. */
type Group = { readonly time: UTCTimestamp; readonly events: Event[] };

/**
 * Marks alerts of the collector by arrows, firings of the viewer's own rules by circles, and what the cooldown held back by
 * grey squares, each at the bucket in which it happened. The returned function sets what is marked and returns the time of
 * the highlighted one, which is larger.
 */
export function createMarkers(series: ISeriesApi<SeriesType>, history: HistoryBody) {
  const known = new Set(history.t);
  const colours = chartColours(document.body);
  const shown = createSeriesMarkers<Time>(series);

  function timeOf({ at }: Event): UTCTimestamp {
    const sec = Math.floor(at / 1_000 / history.bucketSec) * history.bucketSec;
    return (known.has(sec) ? sec : nearest(history.t, sec)) as UTCTimestamp;
  }

  function markerOf(
    { time, events }: Group,
    highlighted: string | null,
    isNamed: boolean,
  ): SeriesMarker<Time> {
    const chosen = events.find((it) => it.id === highlighted);
    const told = chosen ?? largest(events);
    return {
      id: told.id,
      time,
      position: told.isUp ? 'belowBar' : 'aboveBar',
      shape: shapeOf(told),
      color: told.kind === 'heldBack' ? colours.text : colours.alert,
      size: chosen ? 1.5 : 1,
      ...((isNamed || chosen) && { text: textOf(told.percent, events.length) }),
    };
  }

  return (firings: readonly MarkedFiring[], highlighted: string | null): number | undefined => {
    const groups = groupBy(eventsOf(history, firings), timeOf);
    const isNamed = groups.length <= MOST_NAMED;
    shown.setMarkers(groups.map((it) => markerOf(it, highlighted, isNamed)));
    return groups.find(({ events }) => events.some((it) => it.id === highlighted))?.time;
  };
}

/** By time, as the library needs them. */
function groupBy(events: readonly Event[], timeOf: (event: Event) => UTCTimestamp): Group[] {
  const groups = new Map<string, Group>();
  for (const event of events) {
    const time = timeOf(event);
    const key = `${time} ${event.kind} ${event.isUp}`;
    const group = groups.get(key) ?? { time, events: [] };
    group.events.push(event);
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((a, b) => a.time - b.time);
}

function largest(events: readonly Event[]): Event {
  return events.reduce((most, it) => (Math.abs(it.percent) > Math.abs(most.percent) ? it : most));
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

/** `+4.2%`, `+4.2% ×3`: there is little room. */
function textOf(percent: number, count: number): string {
  return `${percent < 0 ? '' : '+'}${formatDecimal(percent, 1)}%${count > 1 ? ` ×${count}` : ''}`;
}

function nearest(times: readonly number[], sec: number): number {
  return times.reduce((best, it) => (Math.abs(it - sec) < Math.abs(best - sec) ? it : best), times[0] ?? sec);
}
