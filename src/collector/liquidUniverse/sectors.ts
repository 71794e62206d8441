import { z } from 'zod';

/** What the server accepts: at most 8 of at most 32 characters. */
const MOST = 8;
const Tag = z
  .string()
  .trim()
  .regex(/^[^,\p{Cc}]{1,32}$/u);

/** `{"symbols":[{"symbol":"BTCUSDT","underlyingSubType":["PoW"]}]}`, and more that does not matter here. */
const ExchangeInfo = z.object({
  symbols: z.array(
    z.object({ symbol: z.string().catch(''), underlyingSubType: z.array(z.unknown()).catch([]) }),
  ),
});

/** The exchange spells one sector both ways. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([['DEFI', 'DeFi']]);

/** The sectors of each symbol of the raw `exchangeInfo`; a tag that cannot be one is left out. */
export function sectorsOf(exchangeInfo: unknown): Map<string, string[]> {
  const { symbols } = ExchangeInfo.parse(exchangeInfo);
  return new Map(symbols.map((it) => [it.symbol, readTags(it.underlyingSubType)]));
}

function readTags(given: readonly unknown[]): string[] {
  const tags = given.flatMap((it) => Tag.safeParse(it).data ?? []).map((tag) => SPELLINGS.get(tag) ?? tag);
  return [...new Set(tags)].slice(0, MOST);
}
