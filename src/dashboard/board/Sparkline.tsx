import { memo } from 'react';
import { decodeSpark, describeSpark, linePath, SPARK_BOUNDS } from './spark.ts';

const WIDTH = 54;
const HEIGHT = 16;

/** The last day of open interest, drawn between its low and high. */
export const Sparkline = memo(function Sparkline(props: {
  spark: string | null | undefined;
  change: number | null;
}) {
  const points = decodeSpark(props.spark);
  if (points === null) return <span className="muted">···</span>;
  return (
    <svg
      className="spark"
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      width={WIDTH}
      height={HEIGHT + 2}
      role="img"
      aria-label={describeSpark(points, props.change)}
    >
      <path d={linePath(points, WIDTH, HEIGHT, SPARK_BOUNDS)} />
    </svg>
  );
});
