import { z } from 'zod';
import type { AccessRule } from '../access/access.types.ts';
import type { Route, RouteResponse } from '../platform/http/route.ts';
import { API_TAGS, tagOf } from './openApi.tags.ts';

/** The API document, made from the routes themselves, so that it cannot tell of a route that is not there. */
export function createOpenApiDocument(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'VolSpike Open Interest',
      version,
      description:
        'Realtime open interest. Times are epoch ms unless they say ISO; unknown is null, never 0. ' +
        'Live updates come over Socket.IO at /socket.io: open-interest-hello, -update, -pulse, -alert, -session.',
      license: { name: 'MIT' },
    },
    tags: API_TAGS,
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: 'oi_session' },
      },
      schemas: { Error: toSchema(ErrorSchema, 'output') },
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

const WHO: Readonly<Record<AccessRule, string>> = {
  public: 'Anybody.',
  anyone: 'Anybody; a token or session decides what is seen.',
  viewer: 'Any signed-in user.',
  pro: 'Tier pro or elite, or role admin.',
  proOrOperator: 'Tier pro or elite, role admin, or an operator key.',
  operatorOrAdmin: 'An operator key, or role admin.',
  operator: 'An operator key, as X-API-Key or as bearer.',
  ingest: 'An ingest key.',
};

function describeRoute(route: Route): Record<string, unknown> {
  const refusals = refusalsOf(route);
  return {
    tags: [tagOf(route)],
    summary: route.summary,
    description: `${route.description ? `${route.description}\n\n` : ''}Who: ${WHO[route.access]}`,
    security: SECURITY[route.access],
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: toSchema(route.body, 'input') } },
          },
        }
      : {}),
    responses: Object.fromEntries([
      ...Object.entries(route.responses).map(([status, it]) => [
        status,
        {
          description: it.description,
          ...contentOf(it),
        },
      ]),
      ...refusals.map(([status, description]) => [
        status,
        { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
      ]),
    ]),
  };
}

function contentOf({ schema, contentType }: RouteResponse): Record<string, unknown> {
  if (!schema && !contentType) return {};
  return {
    content: {
      ...(schema ? { 'application/json': { schema: toSchema(schema, 'output') } } : {}),
      ...(contentType ? { [contentType]: { schema: { type: 'string' } } } : {}),
    },
  };
}

function refusalsOf(route: Route): [string, string][] {
  const refusals: [string, string][] = Object.entries(route.refusals ?? {});
  if (route.body || route.query || route.params) refusals.push(['400', 'Malformed, or nothing valid in it']);
  if (route.access !== 'public') refusals.push(['401', 'Not known who asks']);
  if (route.access !== 'public' && route.access !== 'anyone')
    refusals.push(['403', 'Known, and not allowed']);
  if (route.body) refusals.push(['413', 'Larger than 256 kB'], ['415', 'Not JSON in UTF-8']);
  if (route.limit !== 'none') refusals.push(['429', 'Too fast; see Retry-After']);
  refusals.push(['503', 'Cannot be done now; see Retry-After']);
  return refusals.filter(([status], i) => {
    const isTold = refusals.findIndex(([other]) => other === status) < i;
    return !isTold && !(status in route.responses);
  });
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): Record<string, unknown>[] {
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path' || !field.safeParse(undefined).success,
    schema: toSchema(field, 'input'),
  }));
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
function toSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const documented = (schema.meta()?.['documentAs'] as z.ZodType | undefined) ?? schema;
  const { $schema: _, ...body } = z.toJSONSchema(documented, { io, unrepresentable: 'any' });
  return body;
}
