import { Suspense, lazy } from 'react';
import type { Dashboard } from '../dashboard.ts';
import { useStore } from '../live/store.ts';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { LockedRail } from './LockedRail.tsx';
import { Rail } from './Rail.tsx';

const AlertRail = lazy(async () => ({ default: (await import('./AlertRail.tsx')).AlertRail }));

/** Alerts beside the table or over it; for Free, that there are some. */
export function AlertsPlace(props: {
  dashboard: Dashboard;
  now: number;
  lastHour: boolean;
  onLastHour: (lastHour: boolean) => void;
  onOpen: Parameters<typeof AlertRail>[0]['onOpen'];
  onWhy: () => void;
  /** `null` beside the table: there it does not cover anything. */
  onClose: (() => void) | null;
}) {
  const { onWhy, ...rail } = props;
  const { feed } = useStore(props.dashboard.alerts.store);
  if (!props.dashboard.pro) return <LockedRail onWhy={onWhy} onClose={props.onClose} />;
  return (
    <PanelBoundary name="Alerts" data={feed} className="rail" onClose={props.onClose}>
      <Suspense fallback={<Rail onClose={props.onClose}>{null}</Rail>}>
        <AlertRail {...rail} />
      </Suspense>
    </PanelBoundary>
  );
}
