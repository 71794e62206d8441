import { useEffect, useRef, useState } from 'react';
import { formatCount, formatCountOf } from '../../kit/format.shared.ts';
import { Button } from '../shell/Button.tsx';
import { DAY_MS, formatDay, formatMinute, type ClockZone } from '../timeOfDay.ts';
import { FiringList } from './FiringsPanel.tsx';
import { Refusal } from './Refusal.tsx';
import { countByDay, replayRule, type ReplayState } from './replay.ts';

const RANGES = [1, 7, 30] as const;
const SHOWN = 100;

/** Replays the rule in the form over stored history, so that its pace is known before it is saved. */
export function ReplayPanel({ input, zone }: { input: () => unknown; zone: ClockZone }) {
  const [state, setState] = useState<ReplayState | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  useEffect(() => () => running.current?.abort(), []);

  async function replay(days: number): Promise<void> {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setFailed(null);
    setState(null);
    setIsRunning(true);
    try {
      for await (const next of replayRule(input(), days, abort.signal)) setState(next);
    } catch (thrown) {
      if (!abort.signal.aborted) setFailed(thrown);
    } finally {
      if (running.current === abort) setIsRunning(false);
    }
  }

  return (
    <section className="replay" aria-labelledby="replay-title">
      <div className="rule-actions">
        <h3 id="replay-title">What it would have fired</h3>
        {RANGES.map((days) => (
          <Button key={days} onClick={() => void replay(days)}>
            {days === 1 ? 'Last day' : `${days} days`}
          </Button>
        ))}
        {isRunning && <Button onClick={() => running.current?.abort()}>Stop</Button>}
      </div>
      {failed !== null && <Refusal thrown={failed} />}
      {state && <Result state={state} isRunning={isRunning} zone={zone} />}
    </section>
  );
}

function Result(props: { state: ReplayState; isRunning: boolean; zone: ClockZone }) {
  const { state, isRunning, zone } = props;
  const newest = state.firings.toSorted((a, b) => b.firedAt - a.firedAt).slice(0, SHOWN);
  return (
    <>
      <p role="status" data-testid="replay-result">
        {describe(state, isRunning)}
      </p>
      {isRunning && <progress max={Math.max(1, state.of)} value={state.done} aria-label="Symbols replayed" />}
      {state.days > 1 && state.firings.length > 0 && <DayBars state={state} zone={zone} />}
      {newest.length > 0 && (
        <FiringList
          firings={newest}
          zone={zone}
          label={`The newest ${newest.length} firings of the replay`}
        />
      )}
    </>
  );
}

/** `41 firings on 17 symbols in 30 days, 9 held back by cooldown` */
function describe({ summary, firings, days, done, of }: ReplayState, isRunning: boolean): string {
  const time = days === 1 ? 'the last day' : `${days} days`;
  if (summary === null) {
    const until = `${formatCountOf(firings.length, 'firing')} in ${time}, ${formatCount(done)} of ${formatCountOf(of, 'symbol')}`;
    return isRunning ? `${until} …` : `${until}; the replay was stopped.`;
  }
  const heldBack = summary.heldBack > 0 ? `, ${formatCount(summary.heldBack)} held back by cooldown` : '';
  return `${formatCountOf(summary.firings, 'firing')} on ${formatCountOf(summary.symbols, 'symbol')} in ${time}${heldBack}.`;
}

/** A bar for each 24 hours back from the end of the replay. */
function DayBars({ state, zone }: { state: ReplayState; zone: ClockZone }) {
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
