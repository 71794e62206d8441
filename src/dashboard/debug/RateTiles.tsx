import type { ReactNode } from 'react';
import { formatAge, formatCountOf, formatDelay, formatRate, UNKNOWN } from '../../kit/format.shared.ts';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { ViewLink } from './Panel.tsx';
import { useServerNow } from './useConsole.ts';
import { describeErrors, describeWeight } from './words.ts';
import { formatIso } from '../timeOfDay.ts';

/** Rate, errors and duration of ingest, and how much of the exchange's weight limit is used. */
export function RateTiles({ body }: { body: DebugBody }) {
  const now = useServerNow();
  const { rates } = body;
  const { last5Min, postToBroadcastMs: delays, lastBatch } = rates;
  return (
    <div className="rates">
      <Tile title="Ingest rate">
        <ViewLink shows={{ requests: 'all' }} panel="requests">
          {formatRate(rates.samplesPerSec)} samples/s
        </ViewLink>
        <small>over the last minute</small>
      </Tile>
      <Tile title="Errors, 5 min" tone={last5Min.errors > 0 ? 'error' : 'plain'}>
        <ViewLink shows={{ requests: 'errors' }} panel="requests">
          {describeErrors(last5Min)}
        </ViewLink>
        <small>
          <ViewLink shows={{ requests: 'rejected' }} panel="requests">
            {formatCountOf(last5Min.rejectedItems, 'item')} refused
          </ViewLink>
        </small>
      </Tile>
      <Tile title="Post → broadcast" tone={delays && delays.p95 > 5_000 ? 'warn' : 'plain'}>
        {delays ? (
          <span>
            p50 {formatDelay(delays.p50)} <span className="tile-second">p95 {formatDelay(delays.p95)}</span>
          </span>
        ) : (
          <span title="No chunk in the last ten minutes">{UNKNOWN}</span>
        )}
        <small>{delays ? `${formatCountOf(delays.chunks, 'chunk')} in 10 min` : 'no chunk in 10 min'}</small>
      </Tile>
      <Tile title="Last batch">
        {lastBatch ? (
          <ViewLink shows={{ requests: 'all' }} panel="requests" title={formatIso(lastBatch.at)}>
            {formatAge(now - lastBatch.at)} ago · {lastBatch.accepted}/{lastBatch.received}
          </ViewLink>
        ) : (
          <span title="Nothing was accepted since the server started">{UNKNOWN}</span>
        )}
        <small>{lastBatch ? lastBatch.source : 'none since the start'}</small>
      </Tile>
      <WeightTile body={body} now={now} />
    </div>
  );
}

function WeightTile({ body, now }: { body: DebugBody; now: number }) {
  const { weight } = body;
  if (weight === null) {
    return (
      <Tile title="Weight used" tone="muted">
        <ViewLink shows={{ collectors: 'all' }} panel="collectors">
          Not reported
        </ViewLink>
        <small>by any collector</small>
      </Tile>
    );
  }
  const said = describeWeight(weight, now);
  const budget = weight.budget ?? null;
  return (
    <Tile title="Weight used" tone={said.tone}>
      <ViewLink shows={{ collectors: 'all' }} panel="collectors" title={`Reported by ${weight.reportedBy}`}>
        {said.text} <span className="tile-second">{said.ofLimit}</span>
      </ViewLink>
      <svg
        className="weight-bar"
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={[said.ofLimit, said.ofBudget].filter(Boolean).join(', ')}
      >
        <rect className="weight-all" width="100" height="6" />
        <rect className="weight-used" width={Math.min(100, (weight.used / weight.limit) * 100)} height="6" />
        {budget && (
          <rect className="weight-budget" x={(budget / weight.limit) * 100 - 0.4} width="0.8" height="6" />
        )}
      </svg>
      <small>
        {said.ban ?? said.ofBudget ?? weight.reportedBy}
        {said.refusals && ` · ${said.refusals}`}
      </small>
    </Tile>
  );
}

function Tile(props: { title: string; tone?: 'plain' | 'muted' | 'warn' | 'error'; children: ReactNode }) {
  return (
    <div className={`rate is-${props.tone ?? 'plain'}`}>
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}
