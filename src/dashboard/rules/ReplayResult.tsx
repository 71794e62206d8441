import { useMemo, useRef, useState } from 'react';
import { formatCount, formatCountOf } from '../../kit/format.shared.ts';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import type { Settings } from '../shell/settings.ts';
import { DayBars } from './DayBars.tsx';
import type { ReplayState } from './replay.ts';
import { ReplayChart } from './ReplayChart.tsx';
import { countBySymbol, listEvents, stepEvent } from './replayEvents.ts';
import { ReplayList } from './ReplayList.tsx';
import { useStepKeys } from './useStepKeys.ts';

/** Items that the list shows at first, and that its button adds. */
const STEP = 200;

/** What is looked at. `id`: one of the symbol's events. */
type Chosen = { symbol: string; id: string | null };

/** What a replay found: how much, when, which, and the chart of the symbol that is chosen. */
export function ReplayResult(props: { state: ReplayState; isRunning: boolean; look: Settings }) {
  const { state, isRunning, look } = props;
  const events = useMemo(() => listEvents(state), [state]);
  const [only, setOnly] = useState('');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [most, setMost] = useState(STEP);
  const place = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const wanted = useMemo(() => events.filter((it) => only === '' || it.symbol === only), [events, only]);

  function step(by: 1 | -1): void {
    const next = stepEvent(wanted, chosen?.id ?? null, by);
    if (!next) return;
    setChosen({ symbol: next.symbol, id: next.id });
    // The list follows past its end.
    if (wanted.indexOf(next) >= most) setMost(most + STEP);
  }
  useStepKeys(place, look.shortcuts, step);
  function onSymbol(symbol: string): void {
    setOnly(symbol);
    setMost(STEP);
    if (symbol !== '') setChosen({ symbol, id: null });
  }

  return (
    <div ref={place} className="replay-result">
      <p role="status" data-testid="replay-result">
        {describe(state, isRunning)}
      </p>
      {isRunning && <progress max={Math.max(1, state.of)} value={state.done} aria-label="Symbols replayed" />}
      {state.days > 1 && state.firings.length > 0 && <DayBars state={state} zone={look.zone} />}
      {wanted.length > 0 && (
        <>
          <SymbolChoice
            symbols={countBySymbol(events)}
            only={only}
            keys={look.shortcuts ? 'J and K or arrow keys' : 'arrow keys'}
            onSymbol={onSymbol}
          />
          <ReplayList
            ref={list}
            events={wanted}
            most={most}
            chosen={chosen?.id ?? null}
            now={state.to}
            zone={look.zone}
            onChoose={({ symbol, id }) => setChosen({ symbol, id })}
            onMore={() => setMost(most + STEP)}
          />
        </>
      )}
      {chosen && (
        <PanelBoundary key={chosen.symbol} name={`The chart of ${chosen.symbol}`} className="replay-chart">
          <ReplayChart
            {...chosen}
            state={state}
            events={events}
            look={look}
            onStep={step}
            onClose={() => {
              setChosen(null);
              list.current?.focus();
            }}
          />
        </PanelBoundary>
      )}
    </div>
  );
}

function SymbolChoice(props: {
  symbols: readonly [symbol: string, count: number][];
  only: string;
  /** What steps. */
  keys: string;
  onSymbol: (symbol: string) => void;
}) {
  const { symbols, only, keys, onSymbol } = props;
  return (
    <p className="replay-choice">
      <label>
        <span className="sr-only">Symbol of the replay</span>
        <select className="button" value={only} onChange={(event) => onSymbol(event.target.value)}>
          <option value="">All {formatCountOf(symbols.length, 'symbol')}</option>
          {symbols.map(([symbol, count]) => (
            <option key={symbol} value={symbol}>
              {symbol} · {formatCount(count)}
            </option>
          ))}
        </select>
      </label>
      <span className="muted">
        Choose one for its chart<span className="hide-narrow">; {keys} step</span>.
      </span>
    </p>
  );
}

/** `41 firings on 17 symbols in 30 days, 9 held back by cooldown` */
function describe(state: ReplayState, isRunning: boolean): string {
  const { summary, firings, days, done, of } = state;
  const time = days === 1 ? 'the last day' : `${days} days`;
  if (summary === null) {
    const until = `${formatCountOf(firings.length, 'firing')} in ${time}, ${formatCount(done)} of ${formatCountOf(of, 'symbol')}`;
    return isRunning ? `${until} …` : `${until}; the replay was stopped.`;
  }
  const heldBack = summary.heldBack > 0 ? `, ${formatCount(summary.heldBack)} held back by cooldown` : '';
  const found = `${formatCountOf(summary.firings, 'firing')} on ${formatCountOf(summary.symbols, 'symbol')} in ${time}${heldBack}.`;
  const listed = firings.length + state.heldBack.length;
  return listed < summary.firings + summary.heldBack
    ? `${found} ${formatCount(listed)} of them are listed.`
    : found;
}
