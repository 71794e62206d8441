import { useState } from 'react';
import { Icon } from './Icon.tsx';

/** Pro without realtime: the server says so, not the plan. */
export function ShadowBanner() {
  return (
    <div className="banner">
      <Icon name="clock" />
      <p>Realtime is switched off on the server. You see 5-minute snapshots, which hold no changes.</p>
    </div>
  );
}

/** What Free is. */
export function FreeBanner({ onWhy }: { onWhy: () => void }) {
  const [hidden, setHidden] = useState(false);
  if (hidden) return null;
  return (
    <div className="banner free">
      <Icon name="lock" />
      <p>
        Live open interest is part of Pro. You see 5-minute snapshots of the top 50 symbols. Pro adds updates
        every few seconds, 5m–24h changes, charts and OI alerts.
      </p>
      <button type="button" className="button" onClick={onWhy}>
        See what Pro adds
      </button>
      <button type="button" className="button quiet" onClick={() => setHidden(true)}>
        Hide
      </button>
    </div>
  );
}
