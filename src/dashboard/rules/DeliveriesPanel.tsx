import { useInfiniteQuery } from '@tanstack/react-query';
import type { Delivery } from '../../openInterest/delivery/channel.types.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { deliveriesQuery } from './channelsApi.ts';
import { FiringSize, FiringTime, SymbolLink } from './FiringFacts.tsx';
import { PagedList } from './PagedList.tsx';
import { ReadState } from './ReadState.tsx';
import { describeDelivery, describeSource } from './ruleWords.ts';

/** The ledger: what was sent where, and what became of it. */
export function DeliveriesPanel({ zone }: { zone: ClockZone }) {
  const query = useInfiniteQuery(deliveriesQuery);
  const deliveries = query.data?.pages.flatMap((it) => it.deliveries) ?? [];
  return (
    <section className="panel" aria-labelledby="deliveries-title">
      <div className="panel-head">
        <h2 id="deliveries-title">Deliveries</h2>
      </div>
      <ReadState name="Deliveries" zone={zone} query={query} />
      {query.data && deliveries.length === 0 && <p className="muted">Nothing was sent yet.</p>}
      {deliveries.length > 0 && (
        <PagedList label="Deliveries" query={query}>
          {deliveries.map((it) => (
            <DeliveryItem key={it.id} delivery={it} now={query.dataUpdatedAt} zone={zone} />
          ))}
        </PagedList>
      )}
    </section>
  );
}

function DeliveryItem(props: { delivery: Delivery; now: number; zone: ClockZone }) {
  const { delivery, now, zone } = props;
  const { firing, test, status, error, channelName } = delivery;
  const isFault = status === 'failed' || (status === 'waiting' && error !== null);
  return (
    <li data-status={status} className="firing-item">
      {test ? (
        <span className="firing-symbol">Test</span>
      ) : (
        <>
          <SymbolLink symbol={firing.symbol} />
          <FiringSize firing={firing} />
        </>
      )}
      <FiringTime at={delivery.createdAt} now={now} zone={zone} />
      <span className="firing-facts muted">
        {channelName} · <span className={isFault ? 'channel-fault' : ''}>{describeDelivery(delivery)}</span>
        {!test && ` · ${describeSource(firing)}`}
      </span>
    </li>
  );
}
