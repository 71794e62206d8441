import type { HistoryBody } from '../../openInterest/history/history.types.ts';

/** A candle has a body and a wick, and the next one begins beside it. */
const CANDLE_PX = 3;
/** The scale beside them. */
const SCALE_PX = 64;

/** The history with buckets so long that each candle has room on a chart of this width. */
export function fitBuckets(history: HistoryBody, widthPx: number): HistoryBody {
  const { t, to, bucketSec } = history;
  const most = Math.max(1, Math.floor((widthPx - SCALE_PX) / CANDLE_PX));
  const factor = Math.ceil((to - (t[0] ?? to)) / bucketSec / most);
  return factor > 1 ? joinBuckets(history, factor * bucketSec) : history;
}

/** `bucketSec` is a multiple of that of the history. */
function joinBuckets(history: HistoryBody, bucketSec: number): HistoryBody {
  const { oi, usd, mark, funding, oiOpen, oiMin, oiMax } = history;
  const slots = new Map<number, number[]>();
  history.t.forEach((time, i) => {
    const slot = Math.floor(time / bucketSec) * bucketSec;
    const held = slots.get(slot);
    if (held) held.push(i);
    else slots.set(slot, [i]);
  });
  const joined = [...slots.values()];
  const last = <Value>(column: readonly Value[]): Value[] => joined.map((it) => column[it.at(-1)!]!);
  return {
    ...history,
    bucketSec,
    t: [...slots.keys()],
    ...{ oi: last(oi), usd: last(usd), mark: last(mark), funding: last(funding) },
    oiOpen: joined.map(([first]) => oiOpen[first!]!),
    oiMin: joined.map((it) => Math.min(...it.map((i) => oiMin[i]!))),
    oiMax: joined.map((it) => Math.max(...it.map((i) => oiMax[i]!))),
    samples: joined.map((it) => it.reduce((sum, i) => sum + history.samples[i]!, 0)),
  };
}
