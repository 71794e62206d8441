import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SettingsError } from '../kit/env.ts';
import { loadSymbolFacts } from '../simulator/facts/facts.ts';
import { createMarket } from '../simulator/market/market.ts';
import type { DemoOptions } from './config.ts';

const FILE = 'market.json';
/** Any moment would do. */
const SAMPLED_AT = Date.UTC(2026, 0, 1);

/**
 * A folder belongs to one market: the history of another would show jumps that never happened, and symbols that are not
 * polled. Another version of the exchange is another market, too.
 */
export function claimDataDir(dataDir: string, options: DemoOptions): void {
  const file = path.join(dataDir, FILE);
  const market = JSON.stringify({ ...options, figures: fingerprint(options) });
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.writeFileSync(file, `${market}\n`);
    return;
  }
  const held = fs.readFileSync(file, 'utf8').trim();
  if (held === market) return;
  throw new SettingsError(
    `${dataDir} holds another market: ${held}, not ${market}. Delete it, or set DATA_DIR to another folder.`,
  );
}

/** Of the figures of every contract, to as many digits as every machine computes alike. */
function fingerprint({ seed, speed }: DemoOptions): string {
  const market = createMarket({ facts: loadSymbolFacts(SAMPLED_AT), seed, pace: speed });
  const figures = market.contracts().map(({ symbol }) => {
    const openInterest = market.openInterestAt(symbol, SAMPLED_AT);
    return `${symbol} ${openInterest.toPrecision(6)} ${market.markPriceAt(symbol, SAMPLED_AT).toPrecision(6)}`;
  });
  return createHash('sha256').update(figures.join('\n')).digest('hex').slice(0, 12);
}
