import { lazyPart } from '../shell/lazyPart.tsx';
import { useBoard, useSettings } from '../shell/useDashboard.ts';

const FirstVisit = lazyPart(
  async () => (await import('./FirstVisit.tsx')).FirstVisit,
  () => null,
);

/** What the columns mean, once there are some, until the viewer closes it. */
export function FirstVisitPlace() {
  const isShown = !useSettings((it) => it.introduced);
  const hasLines = useBoard((it) => it.lines.length > 0);
  return isShown && hasLines && <FirstVisit />;
}
