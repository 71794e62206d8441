import type { Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { userDocumentRoutes } from './userDocument.routes.ts';
import { replaceOptionalViews, selectViews } from './views.repository.ts';
import { SavedViews, SavedViewsInput } from './views.types.ts';
import { replaceOptionalWatchlists, selectWatchlists } from './watchlists.repository.ts';
import { Watchlists, WatchlistsInput } from './watchlists.types.ts';

/** What users of the dashboard keep on the server. */
export function createViewsRoutes(ctx: Pick<OpenInterestContext, 'stores'>): Route[] {
  return [
    ...userDocumentRoutes(ctx, {
      path: '/api/saved-views',
      what: 'saved views',
      operationIds: { read: 'readSavedViews', replace: 'replaceSavedViews' },
      changedCode: 'views_changed',
      input: SavedViewsInput,
      schema: SavedViews,
      select: selectViews,
      replaceOptional: replaceOptionalViews,
    }),
    ...userDocumentRoutes(ctx, {
      path: '/api/watchlists',
      what: 'watchlists',
      operationIds: { read: 'readWatchlists', replace: 'replaceWatchlists' },
      changedCode: 'watchlists_changed',
      input: WatchlistsInput,
      schema: Watchlists,
      select: selectWatchlists,
      replaceOptional: replaceOptionalWatchlists,
    }),
  ];
}
