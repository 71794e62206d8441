import { DayTotal } from '../../openInterest/board/dayTotal.types.ts';
import { formatCount } from '../../kit/format.shared.ts';
import { useRead } from '../live/useRead.ts';
import { describeSpark, linePath, SPARK_BOUNDS } from './spark.ts';
import { asSpark } from './totalLine.ts';
import './totalLine.css';

const WIDTH = 200;
const HEIGHT = 44;
/** The server computes it once a minute. */
const READ_EVERY_MS = 120_000;

/** The day's line of total open interest, as wide as the tile has room for. */
export function TotalLine() {
  const total = useRead('/api/market/open-interest/total', DayTotal, READ_EVERY_MS);
  const line = total && asSpark(total.usd);
  if (!line) return null;
  const { points, change } = line;
  return (
    <svg
      className="total-line"
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${describeSpark(points, change)}, ${formatCount(total.symbols)} symbols`}
    >
      <path d={linePath(points, WIDTH, HEIGHT, SPARK_BOUNDS)} />
    </svg>
  );
}
