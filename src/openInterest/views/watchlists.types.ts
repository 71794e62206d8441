import { z } from 'zod';
import { plainText } from '../../kit/plainText.shared.ts';
import { FAVOURITES_ID } from './favourites.shared.ts';

/** The wire contract of watchlists. */

const MOST_LISTS = 20;
const MOST_SYMBOLS = 500;

export const WatchedSymbol = z
  .string()
  .regex(/^[\p{L}\p{N}]{1,32}$/u, 'must be letters and digits, at most 32 characters')
  .refine((it) => it === it.toUpperCase(), 'must be in capitals, as on the board');

const Watchlist = z.object({
  id: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 small letters and digits')
    .meta({
      description: `Chosen by the client; it stays when the list is renamed. \`${FAVOURITES_ID}\` is the list of the dashboard's stars`,
      examples: [FAVOURITES_ID],
    }),
  name: plainText(60).trim().min(1, 'must not be empty'),
  symbols: z
    .array(WatchedSymbol)
    .max(MOST_SYMBOLS, `must have at most ${MOST_SYMBOLS} symbols; remove one`)
    .meta({ examples: [['BTCUSDT']] }),
});

export const WatchlistsInput = z
  .object({
    lists: z.array(Watchlist).max(MOST_LISTS, `must have at most ${MOST_LISTS} lists; delete one`),
  })
  .superRefine(({ lists }, context) => {
    const refuse = (path: PropertyKey[]) =>
      context.addIssue({ code: 'custom', path, message: 'must not be repeated' });
    for (const key of ['id', 'name'] as const) {
      for (const i of repeatedIn(lists.map((it) => it[key]))) refuse(['lists', i, key]);
    }
    lists.forEach(({ symbols }, at) => {
      for (const i of repeatedIn(symbols)) refuse(['lists', at, 'symbols', i]);
    });
  });
export type WatchlistsInput = z.infer<typeof WatchlistsInput>;

/** Version 0: nothing was saved yet. */
export const Watchlists = z.object({ lists: z.array(Watchlist), version: z.number().int() });
export type Watchlists = z.infer<typeof Watchlists>;

/** The positions of values that occur earlier in the array. */
function repeatedIn(values: readonly string[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, i) => (seen.size === seen.add(value).size ? [i] : []));
}
