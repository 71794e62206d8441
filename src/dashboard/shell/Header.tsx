import { formatAge, formatCount } from '../../kit/format.shared.ts';
import { labelState } from '../board/lines.ts';
import { PILLS, snapshotLabel } from '../live/connection.ts';
import { formatMinute } from '../timeOfDay.ts';
import { Brand } from './Brand.tsx';
import { HeaderControls } from './HeaderControls.tsx';
import { Icon } from './Icon.tsx';
import { useBoard, useLive, useSettings } from './useDashboard.ts';
import type { Layout } from './useMedia.ts';

/** The title, the connection state, the age of the data, and the page's controls. */
export function Header({ layout }: { layout: Layout }) {
  return (
    <header className="header">
      <a className="skip" href="#table">
        Skip to the table
      </a>
      <Brand />
      <StatePill />
      <span className="freshness">
        <Freshness />
      </span>
      <div className="controls">
        <HeaderControls layout={layout} />
      </div>
    </header>
  );
}

/** Announced when the state changes, so ages are outside it. */
export function StatePill() {
  const { word, icon, tone } = PILLS[useBoard((it) => it.state)];
  return (
    <span className={`pill tone-${tone}`} role="status">
      <Icon name={icon} />
      {word}
    </span>
  );
}

/** The age of the newest sample, and how many symbols are live. */
function Freshness() {
  const isSnapshot = useBoard((it) => it.mode === 'snapshot');
  const asOf = useLive((it) => it.sync.board?.asOf ?? null);
  const age = useBoard((it) => (it.newestAgeMs === null ? null : formatAge(it.newestAgeMs)));
  const live = useBoard((it) => it.coverage.live);
  const total = useBoard((it) => it.coverage.total);
  const word = useBoard((it) => labelState('live', it.isLive).toLowerCase());
  if (isSnapshot && asOf !== null) return <SnapshotFreshness asOf={asOf} />;
  if (age === null) return null;
  return (
    <>
      OI updated <b>{age}</b> ago · {formatCount(live)}/{formatCount(total)} {word}
    </>
  );
}

function SnapshotFreshness({ asOf }: { asOf: number }) {
  const zone = useSettings((it) => it.zone);
  const everySec = useLive((it) => it.sync.hello?.snapshotEverySec ?? 300);
  return useBoard((it) => snapshotLabel(formatMinute(asOf, zone), asOf + everySec * 1_000 - it.now));
}
