import { z } from 'zod';
import type { Queryable } from '../../platform/database/postgres.ts';
import {
  replaceOptionalDocument,
  selectOptionalDocument,
  type DocumentTable,
} from './userDocuments.repository.ts';
import { SavedViewsInput, type SavedViews } from './views.types.ts';

/** SQL of `saved_views`. */

export const SavedViewsRow = z.object({ views: SavedViewsInput, version: z.number() });

const TABLE: DocumentTable<typeof SavedViewsRow> = {
  name: 'saved_views',
  column: 'views',
  row: SavedViewsRow,
};

const NOTHING: SavedViews = { views: [], defaultName: null, version: 0 };

export async function selectViews(db: Queryable, userId: string): Promise<SavedViews> {
  const row = await selectOptionalDocument(db, TABLE, userId);
  return row ? { ...row.views, version: row.version } : NOTHING;
}

/** `null` unless the stored views have that version; 0: none are stored. */
export async function replaceOptionalViews(
  db: Queryable,
  userId: string,
  { version, input }: { version: number; input: SavedViewsInput },
): Promise<SavedViews | null> {
  const row = await replaceOptionalDocument(db, TABLE, { userId, version, document: input });
  return row && { ...row.views, version: row.version };
}
