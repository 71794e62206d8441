import type { HeldRow } from '../../client/sync.types.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import type { ChangeUnit } from '../board/columns.ts';
import { breaksBefore, isSilence } from './chartData.ts';

type Candle = {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
};

/** What the chart shows of one bucket; `time` is its beginning in seconds. Unknown is `null`. */
export type ChartValues = {
  readonly time: number;
  readonly candle: Candle | null;
  readonly price: number | null;
  readonly funding: number | null;
};

/**
 * The values of each bucket, oldest first. A bucket opens where the one before it closed, unless a gap lies between them:
 * what changed between the last sample of one and the first of the next belongs to the next. Highs and lows within a
 * bucket are known in contracts only.
 */
export function computeValues(history: HistoryBody, unit: ChangeUnit): ChartValues[] {
  const isContracts = unit === 'contracts';
  const breaks = breaksBefore(history);
  let before: number | null = null;
  return history.t.map((time, i) => {
    const close = (isContracts ? history.oi[i] : history.usd[i]) ?? null;
    const price = history.mark[i] ?? null;
    const funding = history.funding[i] ?? null;
    let candle: Candle | null = null;
    if (close !== null) {
      const first = isContracts ? history.oiOpen[i]! : close;
      const open = (breaks[i] ? null : before) ?? first;
      const [low, high] = isContracts ? [history.oiMin[i]!, history.oiMax[i]!] : [close, close];
      candle = { open, high: Math.max(high, open, close), low: Math.min(low, open, close), close };
    }
    before = close;
    return { time, candle, price, funding };
  });
}

/**
 * The newest sample as the values of the running bucket. `null` when it is older than `last`, and after a silence: what
 * happened meanwhile has to be read, not bridged.
 */
export function liveValues(
  history: HistoryBody,
  last: ChartValues | undefined,
  row: HeldRow,
  unit: ChangeUnit,
): ChartValues | null {
  const time = Math.floor(row.ts / 1_000 / history.bucketSec) * history.bucketSec;
  const drawnUntil = last?.time ?? 0;
  if (time < drawnUntil || isSilence(history, drawnUntil, row)) return null;
  const close = unit === 'usd' ? row.openInterestUsd : row.openInterest;
  const held = last?.candle ?? null;
  const isSame = time === drawnUntil;
  const open = (isSame ? held?.open : held?.close) ?? close;
  const candle =
    close === null || open === null
      ? null
      : {
          open,
          high: Math.max(open, close, (isSame ? held?.high : null) ?? close),
          low: Math.min(open, close, (isSame ? held?.low : null) ?? close),
          close,
        };
  return { time, candle, price: row.markPrice, funding: row.fundingRate };
}
