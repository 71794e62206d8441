import { defaultFilter } from 'cmdk';

const MAX_SHOWN = 12;

/** The best matches of what is typed. `btc usdt`, `BTC/USDT` and `btc-usdt` find `BTCUSDT`. */
export function rank<Item extends { label: string }>(items: readonly Item[], typed: string): Item[] {
  const words = typed.trim();
  const joined = words.replace(/[\s/_-]+/g, '');
  return items
    .map((item) => ({
      item,
      score: Math.max(defaultFilter(item.label, words), defaultFilter(item.label, joined)),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_SHOWN)
    .map(({ item }) => item);
}
