import type { Principal, Viewer } from '../../access/access.types.ts';
import { AppError, ForbiddenError } from '../../kit/errors.ts';
import { readIfMatch } from '../../platform/http/entityTag.ts';
import { defineRoute, json, type Reply, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { replaceOptionalViews, selectViews } from './views.repository.ts';
import { SavedViews, SavedViewsInput } from './views.types.ts';

const PATH = '/api/saved-views';
const PRIVATE = { 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Cookie' };

/** The saved views of the signed-in user, of every tier: read whole and replaced whole. */
export function createViewsRoutes({ stores }: Pick<OpenInterestContext, 'stores'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      access: 'viewer',
      limit: 'read',
      operationId: 'readSavedViews',
      summary: 'Your saved views of the dashboard',
      responses: { 200: { description: 'The views; the ETag is for PUT', schema: SavedViews } },
      handle: async ({ principal }) => describe(await selectViews(stores.read, userOf(principal).sub)),
    }),
    defineRoute({
      method: 'put',
      path: PATH,
      access: 'viewer',
      limit: 'read',
      operationId: 'replaceSavedViews',
      summary: 'Replace your saved views; an empty list deletes them',
      description: 'The header If-Match names the version that you have read, as its ETag.',
      body: SavedViewsInput,
      responses: { 200: { description: 'The views with their new version', schema: SavedViews } },
      refusals: { 412: 'The views were changed since they were read', 428: 'If-Match is missing' },
      async handle({ principal, body, request }) {
        const { sub } = userOf(principal);
        const version = readIfMatch(request.headers['if-match'], 'the saved views');
        const replaced = await replaceOptionalViews(stores.write, sub, { version, input: body });
        if (replaced) return describe(replaced);
        const message = `The saved views were changed since you read version ${version}: read them again and repeat your change`;
        throw new AppError(412, 'views_changed', message);
      },
    }),
  ];
}

function userOf(principal: Principal): Viewer {
  if (principal.kind !== 'viewer') throw new ForbiddenError('Saved views belong to a signed-in user');
  return principal;
}

function describe(views: SavedViews): Reply {
  return json(200, views, { ...PRIVATE, ETag: `"${views.version}"` });
}
