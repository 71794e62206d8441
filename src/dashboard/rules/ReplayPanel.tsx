import { useEffect, useRef, useState } from 'react';
import { Button } from '../shell/Button.tsx';
import type { Settings } from '../shell/settings.ts';
import { Refusal } from './Refusal.tsx';
import { replayRule, type ReplayDays, type ReplayState } from './replay.ts';
import { ReplayResult } from './ReplayResult.tsx';
import './replay.css';

const RANGES: readonly ReplayDays[] = [1, 7, 30];

/** Replays the rule in the form over stored history, so that its pace is known before it is saved. */
export function ReplayPanel({ rule, look }: { rule: Record<string, unknown>; look: Settings }) {
  /** What was replayed, by `judgedPartOf`. */
  const [replayed, setReplayed] = useState('');
  const [state, setState] = useState<ReplayState | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  useEffect(() => () => running.current?.abort(), []);

  async function replay(days: ReplayDays): Promise<void> {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setFailed(null);
    setState(null);
    setReplayed(judgedPartOf(rule));
    setIsRunning(true);
    try {
      for await (const next of replayRule(rule, days, abort.signal)) setState(next);
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
      {state && replayed !== judgedPartOf(rule) && (
        <p className="muted" role="status">
          This is the replay of the rule before it was changed.
        </p>
      )}
      {state && <ReplayResult state={state} isRunning={isRunning} look={look} />}
    </section>
  );
}

/** The part of a rule that decides what it fires. */
function judgedPartOf(rule: Record<string, unknown>): string {
  return JSON.stringify({ ...rule, name: '', quietHours: null, channelIds: [] });
}
