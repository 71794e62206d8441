import { formatAge, formatCount } from '../../kit/format.shared.ts';
import type { BoardModel } from '../board/useBoard.ts';
import { formatMinute, type ClockZone } from '../timeOfDay.ts';
import { snapshotLabel } from '../live/connection.ts';
import type { LiveState } from '../live/live.ts';

/** How old what is shown is, and of how many symbols that is true. */
export function Freshness(props: { model: BoardModel; live: LiveState; zone: ClockZone }) {
  const { model, live, zone } = props;
  const { coverage, newestAgeMs } = model;
  const asOf = live.sync.board?.asOf ?? null;
  if (model.mode === 'snapshot' && asOf !== null) {
    const everySec = live.sync.hello?.snapshotEverySec ?? 300;
    return <>{snapshotLabel(formatMinute(asOf, zone), asOf + everySec * 1_000 - model.now)}</>;
  }
  if (newestAgeMs === null) return null;
  return (
    <>
      OI updated <b>{formatAge(newestAgeMs)}</b> ago · {formatCount(coverage.live)}/
      {formatCount(coverage.total)} live
    </>
  );
}
