import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { Dialog } from './Dialog.tsx';

/** What is locked, and why. */
export function ProDialog({ onClose }: { onClose: () => void }) {
  const upgradeUrl = useDashboardFacts()?.upgradeUrl;
  return (
    <Dialog title="Part of Pro" onClose={onClose}>
      <p>You see 5-minute snapshots of the 50 symbols with the most volume. Pro adds:</p>
      <ul>
        <li>live open interest of every liquid symbol, every few seconds</li>
        <li>changes over 5 and 15 minutes, 1 hour and 24 hours, in contracts and USD</li>
        <li>charts of up to seven days, with price and gaps</li>
        <li>alerts when open interest jumps or drops</li>
        <li>export of what you see as CSV</li>
      </ul>
      <p className="dialog-actions">
        {upgradeUrl && (
          <a className="button primary" href={upgradeUrl} target="_blank" rel="noopener noreferrer">
            Upgrade
          </a>
        )}
        <button type="button" className="button" onClick={onClose}>
          Not now
        </button>
      </p>
    </Dialog>
  );
}
