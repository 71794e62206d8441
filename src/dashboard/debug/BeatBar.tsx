import type { BeatCell } from '../../openInterest/operator/debug/debug.types.ts';
import { useClock } from './useConsole.ts';
import { describeCell, describeCells } from './words.ts';

/** Shapes as well as colours: a beat is a full bar, a problem half a bar, a pause a dash, a missed beat hollow. */
const SHAPES: Readonly<Record<BeatCell['outcome'], { y: number; height: number }>> = {
  ok: { y: 1, height: 12 },
  trouble: { y: 7, height: 6 },
  paused: { y: 6, height: 2 },
  missed: { y: 1.5, height: 11 },
};

const CELLS = 60;
const STEP = 6;
const WIDTH = 4;

/** The last sixty heartbeats, newest at the right. */
export function BeatBar({ cells }: { cells: readonly BeatCell[] }) {
  const clock = useClock();
  const shift = CELLS - cells.length;
  return (
    <svg
      className="beats"
      viewBox={`0 0 ${CELLS * STEP} 14`}
      role="img"
      aria-label={describeCells(cells)}
      preserveAspectRatio="none"
    >
      <rect className="beat-track" y="13" width={CELLS * STEP} height="1" />
      {cells.map((cell, i) => {
        const { y, height } = SHAPES[cell.outcome];
        return (
          <g key={`${cell.at} ${i}`} className={`beat is-${cell.outcome}`}>
            <title>{describeCell(cell, clock)}</title>
            {/* The whole column has the tooltip, not only its mark. */}
            <rect className="beat-place" x={(i + shift) * STEP} width={STEP} height="14" />
            <rect className="beat-mark" x={(i + shift) * STEP + 1} y={y} width={WIDTH} height={height} />
          </g>
        );
      })}
    </svg>
  );
}
