import { z } from 'zod';
import type { Direction } from '../../openInterest/openInterest.types.ts';

/**
 * The cooldowns that the original poller stores beside its script, so that replacing it repeats no alert:
 * `{"SUIUSDT|UP|5 min": 1764600080.5}`, epoch seconds.
 */
export const COOLDOWN_FILE = '.oi_alert_cooldowns.json';

const CooldownFile = z.record(z.string(), z.number().positive());

export type Cooldown = { symbol: string; direction: Direction; timeframe: string; firedAt: number };

/** Ignores invalid entries; `null`: this is not such a file. */
export function parseCooldownFile(json: unknown, now: number): Cooldown[] | null {
  const parsed = CooldownFile.safeParse(json);
  if (!parsed.success) return null;
  return Object.entries(parsed.data).flatMap(([key, epochSec]) => {
    const [symbol = '', direction, timeframe = '', ...rest] = key.split('|');
    const firedAt = Math.floor(epochSec * 1_000);
    const isKnown = direction === 'UP' || direction === 'DOWN';
    if (symbol === '' || !isKnown || timeframe === '' || rest.length > 0 || firedAt > now) return [];
    return [{ symbol, direction, timeframe, firedAt }];
  });
}
