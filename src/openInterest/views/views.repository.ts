import { z } from 'zod';
import { selectOptionalRow, type Queryable } from '../../platform/database/postgres.ts';
import { SavedViewsInput, type SavedViews } from './views.types.ts';

/** SQL of `saved_views`. */

export const SavedViewsRow = z.object({ views: SavedViewsInput, version: z.number() });

const NOTHING: SavedViews = { views: [], defaultName: null, version: 0 };

export async function selectViews(db: Queryable, userId: string): Promise<SavedViews> {
  const sql = `select views, version from saved_views where user_id = $1::text`;
  const row = await selectOptionalRow(db, SavedViewsRow, sql, [userId]);
  return row ? { ...row.views, version: row.version } : NOTHING;
}

/** `null` unless the stored views have that version; 0: none are stored. */
export async function replaceOptionalViews(
  db: Queryable,
  userId: string,
  { version, input }: { version: number; input: SavedViewsInput },
): Promise<SavedViews | null> {
  const sql =
    version === 0
      ? `insert into saved_views (user_id, views) values ($1::text, $2::jsonb)
         on conflict do nothing returning views, version`
      : `update saved_views set views = $2::jsonb, version = version + 1, updated_at = now()
         where user_id = $1::text and version = $3::int returning views, version`;
  const values = [userId, JSON.stringify(input)];
  const row = await selectOptionalRow(db, SavedViewsRow, sql, version === 0 ? values : [...values, version]);
  return row && { ...row.views, version: row.version };
}
