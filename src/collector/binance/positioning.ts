import type { z } from 'zod';
import { SECOND_MS } from '../../kit/clock.ts';
import type { PositioningPoint } from '../../openInterest/positioning/positioning.types.ts';
import { ask, parseRows, type ClientContext } from './ask.ts';
import { LongShortRow, TakerVolumeRow } from './binance.types.ts';
import { ExchangeError } from './exchangeError.ts';

const COST = { pool: 'futuresData', weight: 1, timeoutMs: 10 * SECOND_MS } as const;

/** By the field of a point that each fills. */
const RATIOS = {
  topPositions: 'topLongShortPositionRatio',
  topAccounts: 'topLongShortAccountRatio',
  accounts: 'globalLongShortAccountRatio',
} as const;
const TAKERS = 'takerlongshortRatio';

/** Four requests of `/futures/data`. A time that one of them leaves out has `null` there. */
export async function readPositioning(
  context: ClientContext,
  { symbol, limit }: { symbol: string; limit: number },
  signal: AbortSignal | undefined,
): Promise<PositioningPoint[]> {
  const points = new Map<number, PositioningPoint>();
  const pointAt = (ts: number): PositioningPoint => {
    const known = points.get(ts) ?? { ...NOTHING, ts };
    points.set(ts, known);
    return known;
  };
  const read = async <Schema extends z.ZodType>(name: string, schema: Schema) => {
    const path = `/futures/data/${name}`;
    const query = { symbol, period: '5m', limit };
    const body = await ask(context, { path, query, cost: COST, priority: 'steady', signal });
    const { rows, leftOut } = parseRows(path, schema, body);
    if (leftOut > 0 && rows.length === 0) {
      throw new ExchangeError('refused', `${path}: none of ${leftOut} rows of ${symbol} can be read`);
    }
    return rows;
  };
  for (const [field, name] of Object.entries(RATIOS)) {
    for (const row of await read(name, LongShortRow)) {
      if (row.symbol === symbol) pointAt(row.timestamp)[field as keyof typeof RATIOS] = row.longShortRatio;
    }
  }
  for (const { timestamp, buyVol, sellVol } of await read(TAKERS, TakerVolumeRow)) {
    Object.assign(pointAt(timestamp), { takerBought: buyVol, takerSold: sellVol });
  }
  return [...points.values()].sort((a, b) => a.ts - b.ts);
}

const NOTHING = { topPositions: null, topAccounts: null, accounts: null, takerBought: null, takerSold: null };
