import { formatAge } from '../../kit/format.shared.ts';
import { useDashboardFacts } from '../live/useDashboardFacts.ts';

/** No data has arrived since the server started, with its uptime by the server's clock. */
export function WaitingText({ serverNow }: { serverNow: number }) {
  const facts = useDashboardFacts();
  return (
    <>
      No open interest has been received since the server started
      {facts && ` (${formatAge(Math.max(0, serverNow - facts.startedAt))})`}.
    </>
  );
}
