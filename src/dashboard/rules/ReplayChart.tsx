import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { formatCount, formatCountOf, formatFraction } from '../../kit/format.shared.ts';
import type { Range } from '../board/view.ts';
import { replayedHistoryQuery } from '../drawer/history.ts';
import { HistoryChart } from '../drawer/lazyChart.tsx';
import { Button, TextButton } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import type { Settings } from '../shell/settings.ts';
import { symbolPath } from '../symbolPath.ts';
import { DAY_MS, formatMoment, type ClockZone } from '../timeOfDay.ts';
import type { ReplayDays, ReplayState } from './replay.ts';
import type { ReplayEvent } from './replayEvents.ts';

const RANGES: Readonly<Record<ReplayDays, Range>> = { 1: '24h', 7: '7d', 30: '30d' };

type Props = {
  symbol: string;
  /** The chosen event. */
  id: string | null;
  state: ReplayState;
  /** Of all symbols. */
  events: readonly ReplayEvent[];
  look: Settings;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
};

/** The chart of one symbol over the replayed time. It shows contracts, of which rules judge the change. */
export function ReplayChart(props: Props) {
  const { symbol, id, state, events, look } = props;
  const own = useMemo(() => events.filter((it) => it.symbol === symbol), [events, symbol]);
  const range = RANGES[state.days];
  const from = state.to - state.days * DAY_MS;
  const { data, error, refetch } = useQuery(replayedHistoryQuery(symbol, { from, to: state.to, range }));
  const place = useRef<HTMLElement>(null);
  // On a phone it is below what was chosen.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [symbol, id]);
  return (
    <section ref={place} className="replay-chart" aria-label={`Chart of ${symbol}`}>
      <Head {...props} own={own} />
      {error && (
        <p className="chart-note" role="alert">
          The chart could not be loaded: {error.message}.{' '}
          <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      )}
      {!data && !error && <p className="chart-note slow">Loading the chart…</p>}
      {data && data.t.length === 0 && (
        <p className="chart-note">No history of {symbol} in this time any more.</p>
      )}
      {data && data.t.length > 0 && (
        <HistoryChart
          {...{ history: data, range, look, firings: own, alert: id }}
          row={null}
          style="candles"
          unit="contracts"
        />
      )}
    </section>
  );
}

function Head(props: Props & { own: readonly ReplayEvent[] }) {
  const { symbol, id, own, look, onStep, onClose } = props;
  const event = own.find((it) => it.id === id);
  return (
    <div className="replay-chart-head">
      <h4>{symbol}</h4>
      <p role="status">{event ? describeEvent(event, look.zone) : describeAll(own)}</p>
      <div className="rule-actions">
        <Button className="small" aria-label="Newer firing" onClick={() => onStep(-1)}>
          <Icon name="up" />
        </Button>
        <Button className="small" aria-label="Older firing" onClick={() => onStep(1)}>
          <Icon name="down" />
        </Button>
        <a className="button small" href={symbolPath(symbol)} target="_blank" rel="noopener">
          Open the symbol
        </a>
        <Button className="quiet small" aria-label="Close the chart" onClick={onClose}>
          <Icon name="cross" />
        </Button>
      </div>
    </div>
  );
}

/** `▲ +6.20% at 11-20 14:03:22, held back by cooldown` */
function describeEvent({ direction, evidence, firedAt, isHeldBack }: ReplayEvent, zone: ClockZone): string {
  const change = `${direction === 'up' ? '▲' : '▼'} ${formatFraction(evidence.changePct / 100)}`;
  return `${change} at ${formatMoment(firedAt, zone)}${isHeldBack ? ', held back by cooldown' : ''}`;
}

/** `● 3 firings · ■ 1 held back by cooldown` */
function describeAll(own: readonly ReplayEvent[]): string {
  const heldBack = own.filter((it) => it.isHeldBack).length;
  const fired = `● ${formatCountOf(own.length - heldBack, 'firing')}`;
  return heldBack === 0 ? fired : `${fired} · ■ ${formatCount(heldBack)} held back by cooldown`;
}
