import { useQuery } from '@tanstack/react-query';
import { formatMoment, type ClockZone } from '../timeOfDay.ts';
import { deliveriesQuery } from './channelsApi.ts';
import { describeDelivery } from './ruleWords.ts';

/** The ledger: what was sent where, and what became of it. */
export function DeliveriesPanel({ zone }: { zone: ClockZone }) {
  const { data, error } = useQuery(deliveriesQuery);
  return (
    <section className="panel" aria-labelledby="deliveries-title">
      <div className="panel-head">
        <h2 id="deliveries-title">Deliveries</h2>
      </div>
      {error && <p role="alert">Deliveries cannot be read: {error.message}.</p>}
      {data?.deliveries.length === 0 && <p className="muted">Nothing was sent yet.</p>}
      {data && data.deliveries.length > 0 && (
        <ul className="firing-list" tabIndex={0} aria-label="Deliveries, newest first">
          {data.deliveries.map((it) => (
            <li key={it.id} data-status={it.status}>
              <span className="firing-symbol">{it.test ? 'Test' : it.firing.symbol}</span>
              <span>{it.channelName}</span>
              <span className={it.status === 'failed' ? 'channel-fault' : 'muted'}>
                {describeDelivery(it)}
              </span>
              <time className="muted" dateTime={new Date(it.createdAt).toISOString()}>
                {formatMoment(it.createdAt, zone)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
