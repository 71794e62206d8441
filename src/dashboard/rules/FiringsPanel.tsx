import { useInfiniteQuery } from '@tanstack/react-query';
import type { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { FiringFacts, FiringSize, FiringTime, SymbolLink } from './FiringFacts.tsx';
import { PagedList } from './PagedList.tsx';
import { ReadState } from './ReadState.tsx';
import { firingsQuery } from './rulesApi.ts';
import { describeAfter } from './ruleWords.ts';

/** What the rules fired last, newest first. */
export function FiringsPanel({ zone }: { zone: ClockZone }) {
  const query = useInfiniteQuery(firingsQuery);
  const firings = query.data?.pages.flatMap((it) => it.firings) ?? [];
  return (
    <section className="panel" aria-labelledby="firings-title">
      <div className="panel-head">
        <h2 id="firings-title">Fired</h2>
      </div>
      <ReadState name="Firings" zone={zone} query={query} />
      {query.data && firings.length === 0 && <p className="muted">No rule has fired yet.</p>}
      {firings.length > 0 && (
        <PagedList label="Fired alerts" query={query}>
          {firings.map((it) => (
            <FiringItem key={it.id} firing={it} now={query.dataUpdatedAt} zone={zone} />
          ))}
        </PagedList>
      )}
    </section>
  );
}

function FiringItem({ firing, now, zone }: { firing: AlertFiring; now: number; zone: ClockZone }) {
  const { symbol, after } = firing;
  return (
    <li data-symbol={symbol} className="firing-item">
      <SymbolLink symbol={symbol} />
      <FiringSize firing={firing} />
      <FiringTime at={firing.firedAt} now={now} zone={zone} />
      <FiringFacts firing={firing} />
      {after.length > 0 && <span className="muted firing-after">{describeAfter(after)}</span>}
    </li>
  );
}
