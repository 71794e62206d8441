import { formatChange } from '../../kit/format.shared.ts';

/** 48 half hours as bytes: 1 (lowest) to 255 (highest), 0 without a sample. */
const SPARK_POINTS = 48;
export const SPARK_BOUNDS = [1, 255] as const;

/** `null`: unknown. */
export type LineValues = readonly (number | null)[];

/** The points of a sparkline; `null` for one that cannot be read or shows nothing. */
export function decodeSpark(base64: string | null | undefined): LineValues | null {
  if (!base64) return null;
  try {
    const points = Array.from(atob(base64), (it) => it.charCodeAt(0) || null);
    return points.length === SPARK_POINTS && points.some(Boolean) ? points : null;
  } catch {
    return null;
  }
}

/** `24 hour OI trend, up 2.10%, low 21h ago, high now`: the picture in words. */
export function describeSpark(points: LineValues, change: number | null): string {
  const size = formatChange(change).replace('+', 'up ').replace('\u2212', 'down ');
  const [low, high] = SPARK_BOUNDS.map((it) => points.lastIndexOf(it));
  const range = low === -1 ? 'flat' : `low ${agoOf(low!)}, high ${agoOf(high!)}`;
  return ['24 hour OI trend', ...(change === null ? [] : [size]), range].join(', ');
}

function agoOf(index: number): string {
  const halfHours = SPARK_POINTS - 1 - index;
  return halfHours === 0 ? 'now' : `${halfHours / 2}h ago`;
}

/** An SVG path of `width` × `height` between `low` and `high`, by default those of the values; unknown ones break it. */
export function linePath(
  values: LineValues,
  width: number,
  height: number,
  [low, high]: readonly [number, number] = boundsOf(values),
): string {
  const x = (i: number) => ((i / Math.max(1, values.length - 1)) * width).toFixed(1);
  const y = (value: number) =>
    (height - (high === low ? 0.5 : (value - low) / (high - low)) * height).toFixed(1);
  let path = '';
  values.forEach((value, i) => {
    if (value === null) return;
    const follows = i > 0 && values[i - 1] !== null;
    path += `${follows ? 'L' : 'M'}${x(i)} ${y(value)}${!follows && (values[i + 1] ?? null) === null ? 'h.1' : ''}`;
  });
  return path;
}

function boundsOf(values: LineValues): [number, number] {
  const known = values.filter((it) => it !== null);
  return [Math.min(...known), Math.max(...known)];
}
