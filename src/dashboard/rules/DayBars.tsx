import { formatCount } from '../../kit/format.shared.ts';
import { DAY_MS, formatDay, formatMinute, type ClockZone } from '../timeOfDay.ts';
import { countByDay, type ReplayState } from './replay.ts';

/** A bar for each 24 hours back from the end of the replay. */
export function DayBars({ state, zone }: { state: ReplayState; zone: ClockZone }) {
  const counts = countByDay(state);
  const most = Math.max(...counts);
  return (
    <div>
      <ol className="replay-days" aria-label="Firings by day, oldest first">
        {counts.map((count, day) => {
          const until = state.to - (state.days - 1 - day) * DAY_MS;
          const words = `24 h until ${formatDay(until, zone)}, ${formatMinute(until, zone)}: ${count}`;
          return (
            <li key={until} title={words}>
              <span style={{ height: `${most === 0 ? 0 : (count / most) * 100}%` }} />
              <span className="sr-only">{words}</span>
            </li>
          );
        })}
      </ol>
      <p className="replay-axis muted" aria-hidden="true">
        <span>{state.days} days ago</span>
        <span>at most {formatCount(most)} a day</span>
        <span>now</span>
      </p>
    </div>
  );
}
