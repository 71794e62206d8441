import { useState } from 'react';
import { Button } from './Button.tsx';
import { Icon } from './Icon.tsx';
import { useBoard, useDashboard } from './useDashboard.ts';

/** Pro while the server runs in shadow mode. */
export function ShadowBanner() {
  const { pro } = useDashboard();
  const isShadow = useBoard((it) => pro && it.mode === 'snapshot');
  if (!isShadow) return null;
  return (
    <div className="banner">
      <Icon name="clock" />
      <p>Live updates are switched off on the server. You see 5-minute snapshots, which carry no changes.</p>
    </div>
  );
}

/** What guests and Free see and what Pro adds. */
export function FreeBanner() {
  const { pro, page } = useDashboard();
  const [hidden, setHidden] = useState(false);
  if (pro || hidden) return null;
  return (
    <div className="banner free">
      <Icon name="lock" />
      <p>
        Live open interest is part of Pro. You see 5-minute snapshots of the top 50 symbols. Pro adds updates
        every few seconds, 5m–24h changes, charts and OI alerts.
      </p>
      <Button onClick={() => page.setState({ dialog: 'pro' })}>See what Pro adds</Button>
      <Button className="quiet" onClick={() => setHidden(true)}>
        Hide
      </Button>
    </div>
  );
}
