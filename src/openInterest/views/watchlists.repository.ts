import { z } from 'zod';
import { selectColumn, type Queryable } from '../../platform/database/postgres.ts';
import {
  replaceOptionalDocument,
  selectOptionalDocument,
  type DocumentTable,
} from './userDocuments.repository.ts';
import { WatchlistsInput, type Watchlists } from './watchlists.types.ts';

/** SQL of `watchlists`. */

export const WatchlistsRow = z.object({ lists: WatchlistsInput.shape.lists, version: z.number() });

const TABLE: DocumentTable<typeof WatchlistsRow> = {
  name: 'watchlists',
  column: 'lists',
  row: WatchlistsRow,
};

export async function selectWatchlists(db: Queryable, userId: string): Promise<Watchlists> {
  return (await selectOptionalDocument(db, TABLE, userId)) ?? { lists: [], version: 0 };
}

/** `null` unless the stored lists have that version; 0: none are stored. */
export function replaceOptionalWatchlists(
  db: Queryable,
  userId: string,
  { version, input }: { version: number; input: WatchlistsInput },
): Promise<Watchlists | null> {
  return replaceOptionalDocument(db, TABLE, { userId, version, document: input.lists });
}

/** At most `limit` of `symbols` that are in lists, favourites too: those in the lists of most users first. */
export function selectListedSymbols(
  db: Queryable,
  { symbols, limit }: { symbols: readonly string[]; limit: number },
): Promise<string[]> {
  return selectColumn(
    db,
    z.string(),
    `select symbol
     from watchlists, jsonb_array_elements(lists) as list, jsonb_array_elements_text(list -> 'symbols') as symbol
     where symbol = any($1::text[])
     group by symbol
     order by count(distinct user_id) desc, symbol
     limit $2::int`,
    [symbols, limit],
  );
}
