import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { mergeAlerts, splitSymbol } from '../alerts/feed.ts';
import { formatContracts, formatFraction } from '../../kit/format.shared.ts';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useClock, useConsole, useDebugView } from './useConsole.ts';

const SHOWN = 20;

/** The last alerts and their sources. `stored: null`: the database does not answer. */
export function OperatorAlerts({ stored }: { stored: readonly OpenInterestAlert[] | null }) {
  const fresh = useStore(useConsole().alerts, (it) => it.fresh);
  const alerts = useMemo(() => stored && mergeAlerts(stored, fresh), [stored, fresh]);
  const { view } = useDebugView();
  const last = (alerts ?? []).slice(0, SHOWN);
  const count = (direction: OpenInterestAlert['direction']) =>
    last.filter((it) => it.direction === direction).length;
  const shown = last.filter((it) => view.alerts === 'all' || it.direction.toLowerCase() === view.alerts);
  return (
    <Panel
      id="alerts"
      title="Recent OI alerts"
      count={last.length}
      all={{ alerts: 'all' }}
      aside={
        <>
          <ViewLink shows={{ alerts: 'up' }} panel="alerts" title="Spikes only">
            ▲ {count('UP')}
          </ViewLink>
          <ViewLink shows={{ alerts: 'down' }} panel="alerts" title="Dumps only">
            ▼ {count('DOWN')}
          </ViewLink>
          <FilterChip panel="alerts" word={view.alerts === 'up' ? 'spikes' : 'dumps'} />
        </>
      }
    >
      {alerts === null && <Nothing>Alerts cannot be read: the database does not answer.</Nothing>}
      {alerts && shown.length === 0 && <Nothing>No OI alerts yet.</Nothing>}
      {shown.length > 0 && (
        <ul className="scroll alert-list" tabIndex={0} aria-label="Recent OI alerts">
          {shown.map((it) => (
            <Alert key={it.id} alert={it} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Alert({ alert }: { alert: OpenInterestAlert }) {
  const clock = useClock();
  const isUp = alert.direction === 'UP';
  const { base } = splitSymbol(alert.symbol);
  return (
    <li>
      <p>
        <span className={isUp ? 'up' : 'down'}>
          {isUp ? '▲' : '▼'} <b>{base}</b> {formatFraction(alert.pctChange)}
        </span>{' '}
        <span className="muted">{alert.timeframe}</span>
        <time className="muted" dateTime={alert.ts} title={alert.ts}>
          {clock(Date.parse(alert.ts))}
        </time>
      </p>
      <p className="muted cut" title={`alert ${alert.id}, stored ${alert.createdAt}`}>
        {formatContracts(alert.baseline)} → {formatContracts(alert.current)} · {alert.source}
      </p>
    </li>
  );
}
