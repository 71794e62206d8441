import { RULES_BY_TIER } from '../../openInterest/rules/rules.types.ts';
import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { Button } from './Button.tsx';
import { Dialog } from './Dialog.tsx';

/** What is locked, and why. */
export function ProDialog({ onClose }: { onClose: () => void }) {
  const upgradeUrl = useDashboardFacts()?.upgradeUrl;
  return (
    <Dialog title="Part of Pro" onClose={onClose}>
      <p>You see 5-minute snapshots of the 50 symbols with the most volume. Pro adds:</p>
      <ul>
        <li>live open interest of every liquid symbol, every few seconds</li>
        <li>changes of OI and price over six windows, 5 minutes to 24 hours, in contracts and USD</li>
        <li>charts from an hour to years, with price and gaps</li>
        <li>alerts when open interest jumps or drops</li>
        <li>{RULES_BY_TIER.pro} alert rules of your own, sent to you when they fire</li>
        <li>export of what you see as CSV</li>
      </ul>
      <p>
        Elite adds {RULES_BY_TIER.elite - RULES_BY_TIER.pro} more alert rules: {RULES_BY_TIER.elite} in all.
      </p>
      <p className="dialog-actions">
        {upgradeUrl && (
          <a className="button primary" href={upgradeUrl} target="_blank" rel="noopener noreferrer">
            Upgrade
          </a>
        )}
        <Button onClick={onClose}>Not now</Button>
      </p>
    </Dialog>
  );
}
