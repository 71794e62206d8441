import { defaultFilter } from 'cmdk';

const MAX_SHOWN = 12;

/** The best matches of what is typed. `btc usdt`, `BTC/USDT` and `btc-usdt` find `BTCUSDT`. */
export function rank<Item extends { label: string }>(items: readonly Item[], typed: string): Item[] {
  const words = typed.trim();
  const joined = words.replace(/[\s/_-]+/g, '');
  return items
    .map((item) => ({ item, score: Math.max(scoreOf(item.label, words), scoreOf(item.label, joined)) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_SHOWN)
    .map(({ item }) => item);
}

function scoreOf(label: string, typed: string): number {
  return defaultFilter(label, typed);
}
