import { formatChange } from '../../kit/format.shared.ts';

/** 48 half hours as bytes: 1 (lowest) to 255 (highest), 0 without a sample. */
const SPARK_POINTS = 48;

/** The bytes of a sparkline; `null` for one that cannot be read or shows nothing. */
export function decodeSpark(base64: string | null | undefined): number[] | null {
  if (!base64) return null;
  try {
    const bytes = Array.from(atob(base64), (it) => it.charCodeAt(0));
    return bytes.length === SPARK_POINTS && bytes.some((it) => it > 0) ? bytes : null;
  } catch {
    return null;
  }
}

/** `24 hour OI trend, up 2.10%, low 21h ago, high now`: the picture in words. */
export function describeSpark(bytes: readonly number[], change: number | null): string {
  const size = formatChange(change).replace('+', 'up ').replace('\u2212', 'down ');
  const low = bytes.lastIndexOf(1);
  const range = low === -1 ? 'flat' : `low ${agoOf(low)}, high ${agoOf(bytes.lastIndexOf(255))}`;
  return ['24 hour OI trend', ...(change === null ? [] : [size]), range].join(', ');
}

function agoOf(index: number): string {
  const halfHours = SPARK_POINTS - 1 - index;
  return halfHours === 0 ? 'now' : `${halfHours / 2}h ago`;
}

/** An SVG path of `width` × `height`; half hours without a sample break it. */
export function sparkPath(bytes: readonly number[], width: number, height: number): string {
  const x = (i: number) => ((i / (bytes.length - 1)) * width).toFixed(1);
  const y = (value: number) => (height - ((value - 1) / 254) * height).toFixed(1);
  let path = '';
  bytes.forEach((value, i) => {
    if (value === 0) return;
    const alone = !bytes[i - 1] && !bytes[i + 1];
    path += `${bytes[i - 1] ? 'L' : 'M'}${x(i)} ${y(value)}${alone ? 'h.1' : ''}`;
  });
  return path;
}
