import { formatChange } from '../../kit/format.shared.ts';
import { baseOf } from '../alerts/feed.ts';
import type { MarketPoint } from './market.ts';

/** A point that has both changes. */
type MovedPoint = MarketPoint & { readonly price: number; readonly oi: number };
export type Bubble = {
  readonly point: MovedPoint;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
};
type Tick = { readonly at: number; readonly label: string };
type Label = {
  readonly symbol: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
};
export type ScatterLayout = {
  readonly bubbles: readonly Bubble[];
  readonly labels: readonly Label[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
};

export type Size = { readonly width: number; readonly height: number };

/** Room for the labels of the axes. */
export const MARGIN = { top: 10, right: 12, bottom: 26, left: 58 } as const;

const SMALLEST = 3;
const LARGEST = 26;
const MOST_LABELS = 16;
const LETTER = 8;
const LINE = 14;

/**
 * Places for the points that have both changes, in their order, so that no circle is cut off. Both axes are linear around zero and logarithmic beyond
 * the median change: most symbols hardly move while some move tenfold.
 */
export function layoutScatter(points: readonly MarketPoint[], { width, height }: Size): ScatterLayout {
  const moved = points.filter((it): it is MovedPoint => it.price !== null && it.oi !== null);
  const x = createAxis(
    moved.map((it) => it.price),
    [MARGIN.left + LARGEST, width - LARGEST],
  );
  const y = createAxis(
    moved.map((it) => it.oi),
    [height - MARGIN.bottom - LARGEST, LARGEST],
  );
  const most = moved.reduce((max, it) => Math.max(max, Math.abs(it.amount ?? 0)), 0);
  const bubbles = moved.map((point) => ({
    point,
    x: x.place(point.price),
    y: y.place(point.oi),
    radius: SMALLEST + (most > 0 ? (LARGEST - SMALLEST) * Math.sqrt(Math.abs(point.amount ?? 0) / most) : 0),
  }));
  return { bubbles, labels: placeLabels(bubbles, { width, height }), xTicks: x.ticks, yTicks: y.ticks };
}

/** Symmetric around zero, so that the four readings are the four corners. */
function createAxis(values: readonly number[], [from, to]: readonly [number, number]) {
  const sizes = values.map(Math.abs).toSorted((a, b) => a - b);
  const bend = Math.max(1, sizes[Math.floor(sizes.length / 2)] ?? 0);
  const most = Math.max(10, sizes.at(-1) ?? 0) * 1.08;
  const bent = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value) / bend);
  const middle = (from + to) / 2;
  const place = (value: number): number => middle + ((to - from) / 2) * (bent(value) / bent(most));
  return { place, ticks: ticksOf(most, place) };
}

/** Round values with room for their labels between them. */
function ticksOf(most: number, place: (value: number) => number): Tick[] {
  const shown = [0];
  for (let power = 1; power <= most; power *= 10) {
    for (const value of [power, 2 * power, 5 * power]) {
      const isFree = Math.abs(place(value) - place(shown.at(-1)!)) >= 56;
      if (value < most && isFree) shown.push(value);
    }
  }
  const both = [...shown, ...shown.slice(1).map((it) => -it)];
  return both.map((value) => ({ at: place(value), label: formatChange(value) }));
}

/** Names of those that stand out, by what moved and by how far they are from the middle, where there is room. */
function placeLabels(bubbles: readonly Bubble[], { width, height }: Size): Label[] {
  const far = ({ x, y }: Bubble): number => Math.hypot(x / width - 0.5, y / height - 0.5);
  const byAmount = bubbles.toSorted((a, b) => b.radius - a.radius).slice(0, MOST_LABELS / 2);
  const byDistance = bubbles.toSorted((a, b) => far(b) - far(a)).slice(0, MOST_LABELS / 2);
  const labels: Label[] = [];
  for (const { point, x, y, radius } of new Set([...byAmount, ...byDistance])) {
    const text = baseOf(point.symbol);
    const wide = text.length * LETTER;
    const right = x + radius + 3;
    const label = {
      symbol: point.symbol,
      text,
      x: right + wide < width ? right : x - radius - 3 - wide,
      y: Math.min(Math.max(y, MARGIN.top + LINE / 2), height - MARGIN.bottom - LINE / 2),
    };
    const isFree = labels.every(
      (it) =>
        Math.abs(it.y - label.y) >= LINE || it.x + it.text.length * LETTER < label.x || label.x + wide < it.x,
    );
    if (isFree) labels.push(label);
  }
  return labels;
}
