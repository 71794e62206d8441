import type { z } from 'zod';
import { viewerOf } from '../../access/access.types.ts';
import { AppError } from '../../kit/errors.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { readIfMatch } from '../../platform/http/entityTag.ts';
import { defineRoute, json, privateHeaders, type Reply, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';

const PRIVATE = privateHeaders('no-cache');

type UserDocument<Input, Document extends { version: number }> = {
  path: string;
  /** What it is in messages: `saved views`. */
  what: string;
  operationIds: { read: string; replace: string };
  /** The error code of a change that another page was faster with. */
  changedCode: string;
  input: z.ZodType<Input>;
  schema: z.ZodType<Document>;
  select: (db: Queryable, userId: string) => Promise<Document>;
  /** `null`: the stored version is another one. */
  replaceOptional: (
    db: Queryable,
    userId: string,
    change: { version: number; input: Input },
  ) => Promise<Document | null>;
};

/** Reads and replaces a document of the signed-in user, of every tier. */
export function userDocumentRoutes<Input, Document extends { version: number }>(
  { stores }: Pick<OpenInterestContext, 'stores'>,
  it: UserDocument<Input, Document>,
): Route[] {
  const { path, what } = it;
  return [
    defineRoute({
      method: 'get',
      path,
      access: 'viewer',
      operationId: it.operationIds.read,
      summary: `Your ${what} of the dashboard`,
      responses: { 200: { description: `The ${what}; the ETag is for PUT`, schema: it.schema } },
      handle: async ({ principal }) => describe(await it.select(stores.read, viewerOf(principal).sub)),
    }),
    defineRoute({
      method: 'put',
      path,
      access: 'viewer',
      operationId: it.operationIds.replace,
      summary: `Replace your ${what}; an empty list deletes them`,
      description: 'The header If-Match names the version that you have read, as its ETag.',
      body: it.input,
      responses: { 200: { description: `The ${what} with their new version`, schema: it.schema } },
      refusals: { 412: `The ${what} were changed since they were read`, 428: 'If-Match is missing' },
      async handle({ principal, body, request }) {
        const { sub } = viewerOf(principal);
        const version = readIfMatch(request.headers['if-match'], `the ${what}`);
        const replaced = await it.replaceOptional(stores.write, sub, { version, input: body });
        if (replaced) return describe(replaced);
        const message = `The ${what} were changed since you read version ${version}: read them again and repeat your change`;
        throw new AppError(412, it.changedCode, message);
      },
    }),
  ];
}

function describe(document: { version: number }): Reply {
  return json(200, document, { ...PRIVATE, ETag: `"${document.version}"` });
}
