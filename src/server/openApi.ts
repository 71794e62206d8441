import { z } from 'zod';
import type { AccessRule } from '../access/access.types.ts';
import type { Route, RouteResponse } from '../platform/http/route.ts';
import { createSchemaBook, toJsonSchema, type SchemaBook } from './openApi.schemas.ts';
import { API_TAGS, tagOf } from './openApi.tags.ts';

/** The API document, generated from the served routes. */
export function createOpenApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas = createSchemaBook('draft-2020-12');
  schemas.refer(ErrorSchema, 'output', 'Error');
  // Responses first: a request schema that differs from the response of the same name gets a name ending in Input.
  for (const route of routes) {
    for (const [status, it] of Object.entries(route.responses)) {
      contentOf(it, schemas, answerNameOf(route, status));
    }
  }
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: describeRoute(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'VolSpike Open Interest',
      version,
      description:
        'Realtime open interest. Times are epoch ms unless they say ISO; unknown is null, never 0. ' +
        'Live updates are sent over Socket.IO and as server-sent events: see /asyncapi.json.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document's address: the server does not know the address that clients use.
    servers: [{ url: '/', description: 'The server of this document' }],
    tags: API_TAGS,
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: 'oi_session' },
      },
      schemas: schemas.components(),
    },
  };
}

const ErrorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string(),
  }),
});

const SECURITY: Readonly<Record<AccessRule, readonly Record<string, string[]>[]>> = {
  public: [],
  anyone: [{}, { bearer: [] }, { session: [] }],
  viewer: [{ bearer: [] }, { session: [] }],
  pro: [{ bearer: [] }, { session: [] }],
  proOrOperator: [{ bearer: [] }, { session: [] }, { apiKey: [] }],
  operatorOrAdmin: [{ apiKey: [] }, { bearer: [] }, { session: [] }],
  operator: [{ apiKey: [] }, { bearer: [] }],
  ingest: [{ apiKey: [] }],
};

const ACCESS: Readonly<Record<AccessRule, string>> = {
  public: 'Public.',
  anyone: 'Public; a token or session decides which data is returned.',
  viewer: 'Any signed-in user.',
  pro: 'Tier pro or elite, or role admin.',
  proOrOperator: 'Tier pro or elite, role admin, or an operator key.',
  operatorOrAdmin: 'An operator key, or role admin.',
  operator: 'An operator key, as X-API-Key or as Bearer.',
  ingest: 'An ingest key.',
};

function describeRoute(route: Route, schemas: SchemaBook): Record<string, unknown> {
  const refusals = refusalsOf(route);
  return {
    operationId: route.operationId,
    tags: [tagOf(route)],
    summary: route.summary,
    description: `${route.description ? `${route.description}\n\n` : ''}Access: ${ACCESS[route.access]}`,
    security: SECURITY[route.access],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...parametersOf(route.headers, 'header'),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemas.refer(route.body, 'input', `${nameOf(route)}Request`) },
            },
          },
        }
      : {}),
    responses: Object.fromEntries([
      ...Object.entries(route.responses).map(([status, it]) => [
        status,
        {
          description: it.description,
          ...contentOf(it, schemas, answerNameOf(route, status)),
        },
      ]),
      ...refusals.map(([status, description]) => [
        status,
        { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
      ]),
    ]),
  };
}

/** The bodies of `readBoard` are named `ReadBoard…`. */
function nameOf({ operationId }: Route): string {
  return operationId.charAt(0).toUpperCase() + operationId.slice(1);
}

/** The name contains the status if several are successful. */
function answerNameOf(route: Route, status: string): string {
  return `${nameOf(route)}${Object.keys(route.responses).length > 1 ? status : ''}Response`;
}

function contentOf(
  { schema, contentType }: RouteResponse,
  schemas: SchemaBook,
  name: string,
): Record<string, unknown> {
  if (!schema && !contentType) return {};
  return {
    content: {
      ...(schema ? { 'application/json': { schema: schemas.refer(schema, 'output', name) } } : {}),
      ...(contentType ? { [contentType]: { schema: { type: 'string' } } } : {}),
    },
  };
}

function refusalsOf(route: Route): [string, string][] {
  const refusals: [string, string][] = Object.entries(route.refusals ?? {});
  if (route.body || route.query || route.params || route.headers)
    refusals.push(['400', 'Malformed, or without any valid item']);
  if (route.access !== 'public') refusals.push(['401', 'Missing or invalid credentials']);
  if (route.access !== 'public' && route.access !== 'anyone')
    refusals.push(['403', 'Insufficient permissions']);
  if (route.body) refusals.push(['413', 'Larger than 256 kB'], ['415', 'Not JSON in UTF-8']);
  if (route.limit !== 'none') refusals.push(['429', 'Rate limit exceeded; see Retry-After']);
  refusals.push(['503', 'Temporarily unavailable; see Retry-After']);
  return refusals.filter(([status], i) => {
    const isListed = refusals.findIndex(([other]) => other === status) < i;
    return !isListed && !(status in route.responses);
  });
}

function parametersOf(
  schema: z.ZodType | undefined,
  where: 'path' | 'query' | 'header',
): Record<string, unknown>[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path' || !field.safeParse(undefined).success,
    schema: toJsonSchema(field, 'input'),
  }));
}
