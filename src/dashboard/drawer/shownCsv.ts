import { formatPlain } from '../../kit/format.shared.ts';
import type { ChangeUnit } from '../board/columns.ts';
import { formatIso } from '../timeOfDay.ts';
import type { ChartValues } from './chartValues.ts';

/** The buckets in sight. Raw numbers; unknown is an empty cell. RFC 4180 with CRLF. */
export function renderShownCsv(shown: readonly ChartValues[], unit: ChangeUnit): string {
  const of = (name: string): string => `oi_${name}_${unit}`;
  const header = ['time', of('open'), of('high'), of('low'), of('close'), 'mark_price_usd', 'funding_pct'];
  const lines = shown.map(({ time, candle, price, funding }) => [
    formatIso(time * 1_000),
    ...[candle?.open, candle?.high, candle?.low, candle?.close, price].map((it) => cell(it)),
    cell(funding, 2),
  ]);
  return [header, ...lines].map((it) => `${it.join(',')}\r\n`).join('');
}

function cell(value: number | null | undefined, shift = 0): string {
  return value === null || value === undefined ? '' : formatPlain(value, shift);
}
