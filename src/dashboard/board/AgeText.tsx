import type { Mode } from '../../openInterest/openInterest.types.ts';
import { formatCellAge, UNKNOWN } from '../../kit/format.shared.ts';
import { Icon } from '../shell/Icon.tsx';
import { useBoard } from '../shell/useDashboard.ts';
import { formatIso, formatClock } from '../timeOfDay.ts';
import { paceOfRow, stateOfLine, type Line, type LineState } from './lines.ts';

/** The age of a symbol's sample, and a warning in words when it is too old. */
export function AgeText(props: { line: Line; state: LineState; age: string; mode: Mode }) {
  const { line, state, age } = props;
  const { row } = line;
  if (row === null) {
    return (
      <span className="muted" title="No sample yet">
        <span aria-hidden="true">{UNKNOWN}</span>
        <span className="sr-only">No sample yet</span>
      </span>
    );
  }
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

/** The age of a line of the board, by the table's clock. */
export function RowAge({ line }: { line: Line }) {
  const age = useBoard(({ tableNow }) => ageOf(line, tableNow));
  const mode = useBoard((it) => it.mode);
  return <AgeText line={line} state={useLineState(line)} age={age} mode={mode} />;
}

export function useLineState(line: Line): LineState {
  return useBoard((it) => stateOfLine(line, it.tableNow, it.mode));
}

/** By whole seconds, so that all ages on a page change at once; a sample of the running second is not from the future. */
export function ageOf({ row }: Line, now: number): string {
  return row === null ? UNKNOWN : formatCellAge(Math.max(1, Math.floor(now / 1_000) * 1_000 - row.ts));
}
