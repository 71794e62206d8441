import { formatAge } from '../../kit/format.shared.ts';
import { useDashboardFacts } from '../live/useDashboardFacts.ts';

/** Nothing has come in since the server runs, and how long that is by its own clock. */
export function WaitingText({ serverNow }: { serverNow: number }) {
  const facts = useDashboardFacts();
  return (
    <>
      No open interest has been received since the server started
      {facts && ` (${formatAge(Math.max(0, serverNow - facts.startedAt))})`}.
    </>
  );
}
