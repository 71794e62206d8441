import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { describeAlertRules } from './alertRules.ts';

/** No alert, and what it would take for one. */
export function EmptyFeed({ lastHour, isFiltered }: { lastHour: boolean; isFiltered: boolean }) {
  const rules = describeAlertRules(useDashboardFacts()?.alertRules ?? []);
  return (
    <>
      <p className="rail-note muted">
        {isFiltered ? 'No OI alert passes the filter' : 'No OI alerts'} in the last{' '}
        {lastHour ? 'hour' : '24 hours'}.
      </p>
      {rules && <p className="rail-note muted">{rules}.</p>}
    </>
  );
}
