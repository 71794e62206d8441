import { formatAge, formatFraction } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { shownRange } from '../board/view.ts';
import { useDashboard, useSettings, useView } from '../shell/useDashboard.ts';
import { formatInRange, formatIso } from '../timeOfDay.ts';
import { summarise } from './chartData.ts';
import { CHART_RANGES, type ChartFiring } from './history.ts';

const MOST_ALERTS = 8;

/** Low, high and gaps of the range, its alerts and firings. `onPoint`: the one under the pointer or focus. */
export function HistoryFacts(props: {
  history: HistoryBody;
  firings: readonly ChartFiring[];
  alert: string | null;
  onPoint: (id: string | null) => void;
}) {
  const { history, firings } = props;
  const unit = useView((it) => it.unit);
  const range = useView(shownRange);
  const { low, high, gaps } = summarise(history, unit);
  const coveredSec = history.to - history.from;
  return (
    <>
      <p className="muted facts">
        {range} low {low} · high {high} · {gaps}
        {coveredSec < CHART_RANGES[range].sec * 0.95 &&
          ` · Only ${formatAge(coveredSec * 1_000)} of data in this range.`}
      </p>
      <EventList
        {...props}
        title={`Alerts for ${history.symbol}`}
        events={history.alerts.map(eventOfAlert)}
      />
      <EventList {...props} title="Your rules" events={firings.map(eventOfFiring)} />
    </>
  );
}

/** An alert or a firing; `about` says what fired. */
type ListedEvent = { id: string; isUp: boolean; fraction: number; about: string; at: string };

function eventOfAlert(alert: HistoryBody['alerts'][number]): ListedEvent {
  const { id, direction, pctChange: fraction, timeframe: about, ts: at } = alert;
  return { id, isUp: direction === 'UP', fraction, about, at };
}

function eventOfFiring(firing: ChartFiring): ListedEvent {
  const { id, direction, evidence, ruleName: about, firedAt } = firing;
  return { id, isUp: direction === 'up', fraction: evidence.changePct / 100, about, at: formatIso(firedAt) };
}

function EventList(props: {
  title: string;
  events: readonly ListedEvent[];
  alert: string | null;
  onPoint: (id: string | null) => void;
}) {
  const { title, events, alert, onPoint } = props;
  if (events.length === 0) return null;
  return (
    <div className="drawer-alerts">
      <h3>
        {title} ({events.length})
      </h3>
      <ul>
        {events.slice(0, MOST_ALERTS).map((it) => (
          <EventItem key={it.id} event={it} isHighlighted={it.id === alert} onPoint={onPoint} />
        ))}
      </ul>
    </div>
  );
}

function EventItem(props: {
  event: ListedEvent;
  isHighlighted: boolean;
  onPoint: (id: string | null) => void;
}) {
  const { event, isHighlighted, onPoint } = props;
  const { change } = useDashboard().view;
  const zone = useSettings((it) => it.zone);
  const range = useView(shownRange);
  return (
    <li className={isHighlighted ? 'is-highlighted' : ''}>
      <button
        type="button"
        aria-pressed={isHighlighted}
        onClick={() => change({ alert: event.id })}
        onPointerEnter={() => onPoint(event.id)}
        onPointerLeave={() => onPoint(null)}
        onFocus={() => onPoint(event.id)}
        onBlur={() => onPoint(null)}
      >
        <span className={event.isUp ? 'up' : 'down'}>
          {event.isUp ? '▲' : '▼'} {formatFraction(event.fraction)}
        </span>{' '}
        {event.about} ·{' '}
        <time dateTime={event.at} title={event.at}>
          {formatInRange(Date.parse(event.at), range, zone)}
        </time>
      </button>
    </li>
  );
}
