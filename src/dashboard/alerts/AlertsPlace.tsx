import { useStore } from 'zustand';
import { TextButton } from '../shell/Button.tsx';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { Icon } from '../shell/Icon.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { useDashboard, usePage, useSettings } from '../shell/useDashboard.ts';
import type { Layout } from '../shell/useMedia.ts';
import { Rail } from './Rail.tsx';

const AlertRail = lazyPart(
  async () => (await import('./AlertRail.tsx')).AlertRail,
  (message, { onClose }) => <Rail onClose={onClose}>{message}</Rail>,
);

/** Alerts beside the table where there is room, else over it. */
export function AlertsPlace({ layout }: { layout: Layout }) {
  const { pro, page, alerts } = useDashboard();
  const inRail = useSettings((it) => it.rail);
  const inSheet = usePage((it) => it.sheetOpen);
  const feed = useStore(alerts.store, (it) => it.feed);
  const isRail = layout === 'wide';
  if (!(isRail ? inRail : inSheet)) return null;
  // Beside the table it covers nothing, so there is nothing to close.
  const onClose = isRail ? null : () => page.setState({ sheetOpen: false });
  if (!pro) return <LockedRail onClose={onClose} />;
  return (
    <PanelBoundary name="Alerts" data={feed} className="rail" onClose={onClose}>
      <AlertRail onClose={onClose} />
    </PanelBoundary>
  );
}

/** In place of the alerts for Free. */
function LockedRail({ onClose }: { onClose: (() => void) | null }) {
  const { page } = useDashboard();
  return (
    <Rail onClose={onClose}>
      <p className="rail-note">
        <Icon name="lock" /> OI alerts are part of Pro.{' '}
        <TextButton onClick={() => page.setState({ dialog: 'pro' })}>See what Pro adds</TextButton>
      </p>
    </Rail>
  );
}
