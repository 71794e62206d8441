import { isSorted, type HourColumns } from '../history/hourColumns.ts';
import { Source } from '../openInterest.types.ts';
import { markEven } from './evenPast.ts';
import { firstFrom, type Points } from './points.ts';

const FIRST_CAPACITY = 2_048;

/** The samples of the last hours in one piece: each is copied and checked once, however many windows it is in. */
export function createPointWindow() {
  let held = allocate(FIRST_CAPACITY);
  let [first, end] = [0, 0];

  function reserve(count: number): void {
    if (end + count <= held.ts.length) return;
    const needed = end - first + count;
    // Half of it stays free, so that samples are rarely moved.
    const next = 2 * needed <= held.ts.length ? held : allocate(2 * needed);
    copy(cut(held, first, end), next);
    [held, first, end] = [next, 0, end - first];
  }

  return {
    /** Adds an hour, of each source and tier; later than those that were added before. */
    add(columns: readonly HourColumns[]): void {
      reserve(columns.reduce((total, it) => total + it.ts.length, 0));
      const from = end - first;
      for (const { ts, createdAt, openInterest, source } of columns) {
        held.ts.set(ts, end);
        held.createdAt.set(createdAt, end);
        held.openInterest.set(openInterest, end);
        held.sources.fill(Source.options.indexOf(source), end, end + ts.length);
        end += ts.length;
      }
      if (columns.length > 1) sortByTime(cut(held, first + from, end));
      markEven(cut(held, first, end), from);
    },
    /** Drops the samples before `from`, epoch ms. */
    dropBefore(from: number): void {
      first += firstFrom(held.ts.subarray(first, end), from);
    },
    /** What is held; valid until the next call. */
    points: (): Points => cut(held, first, end),
  };
}

function allocate(length: number): Points {
  return {
    ts: new Float64Array(length),
    createdAt: new Float64Array(length),
    openInterest: new Float64Array(length),
    sources: new Uint8Array(length),
    evenFrom: new Float64Array(length),
  };
}

function cut({ ts, createdAt, openInterest, sources, evenFrom }: Points, from: number, to: number): Points {
  return {
    ts: ts.subarray(from, to),
    createdAt: createdAt.subarray(from, to),
    openInterest: openInterest.subarray(from, to),
    sources: sources.subarray(from, to),
    evenFrom: evenFrom.subarray(from, to),
  };
}

/** To the beginning of `target`, also within one piece of memory. */
function copy(points: Points, target: Points): void {
  target.ts.set(points.ts);
  target.createdAt.set(points.createdAt);
  target.openInterest.set(points.openInterest);
  target.sources.set(points.sources);
  target.evenFrom.set(points.evenFrom);
}

function sortByTime(points: Points): void {
  if (isSorted(points.ts)) return;
  const { ts, createdAt, openInterest, sources, evenFrom } = points;
  const order = Array.from(ts.keys()).sort((a, b) => ts[a]! - ts[b]!);
  copy(
    {
      ts: Float64Array.from(order, (i) => ts[i]!),
      createdAt: Float64Array.from(order, (i) => createdAt[i]!),
      openInterest: Float64Array.from(order, (i) => openInterest[i]!),
      sources: Uint8Array.from(order, (i) => sources[i]!),
      evenFrom,
    },
    points,
  );
}
