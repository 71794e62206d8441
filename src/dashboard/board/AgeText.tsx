import type { Mode } from '../../openInterest/openInterest.types.ts';
import { formatCellAge, UNKNOWN } from '../../kit/format.shared.ts';
import { formatIso, formatClock } from '../timeOfDay.ts';
import { Icon } from '../shell/Icon.tsx';
import { paceOfRow, type Line, type LineState } from './lines.ts';

/** How old a symbol's sample is, and in words when that is too old. */
export function AgeText(props: { line: Line; state: LineState; now: number; mode: Mode }) {
  const { line, state, now } = props;
  const { row } = line;
  if (row === null) {
    return (
      <span className="muted" title="No sample yet">
        <span aria-hidden="true">{UNKNOWN}</span>
        <span className="sr-only">No sample yet</span>
      </span>
    );
  }
  const age = formatCellAge(now - row.ts);
  if (state === 'live') return <span title={formatIso(row.ts)}>{age}</span>;
  const words =
    state === 'late'
      ? `Late: expected every ${paceOfRow(row, props.mode)}s`
      : `Stale: last sample ${formatClock(row.ts, 'utc')} UTC`;
  return (
    <span className="warn" title={words}>
      <Icon name="warn" />
      <span aria-hidden="true">{age}</span>
      <span className="sr-only">
        {age}. {words}
      </span>
    </span>
  );
}
