import { formatAge, formatFraction } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { Range } from '../board/view.ts';
import { useDashboard, useSettings, useView } from '../shell/useDashboard.ts';
import { formatInRange } from '../timeOfDay.ts';
import { formatBounds, summarise } from './chartData.ts';

const RANGE_SEC: Readonly<Record<Range, number>> = {
  '1h': 3_600,
  '6h': 21_600,
  '24h': 86_400,
  '7d': 604_800,
  '30d': 2_592_000,
  '1y': 31_536_000,
  // All that is stored is never too little.
  all: 0,
};

const MOST_ALERTS = 8;

/** Low, high and gaps of the range, and its alerts. `onPoint`: the alert under the pointer or focus. */
export function HistoryFacts(props: {
  history: HistoryBody;
  alert: string | null;
  onPoint: (id: string | null) => void;
}) {
  const { history } = props;
  const unit = useView((it) => it.unit);
  const range = useView((it) => it.range);
  const { gaps, ...bounds } = summarise(history, unit);
  const { low, high } = formatBounds(bounds, unit);
  const coveredSec = history.to - history.from;
  return (
    <>
      <p className="muted facts">
        {range} low {low} · high {high} · {gaps}
        {coveredSec < RANGE_SEC[range] * 0.95 &&
          ` · Only ${formatAge(coveredSec * 1_000)} of data in this range.`}
      </p>
      {history.alerts.length > 0 && (
        <div className="drawer-alerts">
          <h3>
            Alerts for {history.symbol} ({history.alerts.length})
          </h3>
          <ul>
            {history.alerts.slice(0, MOST_ALERTS).map((it) => (
              <AlertItem
                key={it.id}
                alert={it}
                isHighlighted={it.id === props.alert}
                onPoint={props.onPoint}
              />
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function AlertItem(props: {
  alert: HistoryBody['alerts'][number];
  isHighlighted: boolean;
  onPoint: (id: string | null) => void;
}) {
  const { alert, isHighlighted, onPoint } = props;
  const { change } = useDashboard().view;
  const zone = useSettings((it) => it.zone);
  const range = useView((it) => it.range);
  const isUp = alert.direction === 'UP';
  return (
    <li className={isHighlighted ? 'is-highlighted' : ''}>
      <button
        type="button"
        aria-pressed={isHighlighted}
        onClick={() => change({ alert: alert.id })}
        onPointerEnter={() => onPoint(alert.id)}
        onPointerLeave={() => onPoint(null)}
        onFocus={() => onPoint(alert.id)}
        onBlur={() => onPoint(null)}
      >
        <span className={isUp ? 'up' : 'down'}>
          {isUp ? '▲' : '▼'} {formatFraction(alert.pctChange)}
        </span>{' '}
        {alert.timeframe} ·{' '}
        <time dateTime={alert.ts} title={alert.ts}>
          {formatInRange(Date.parse(alert.ts), range, zone)}
        </time>
      </button>
    </li>
  );
}
