import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Route } from '../../src/platform/http/route.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { bearer, getJson, readRefusal } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { API_CALLS, callRoute, seedServer } from './apiCalls.ts';
import { withServer } from '../support/withServer.ts';

const clock = createFakeClock();
const ORIGIN = 'https://pages.example';
const { server } = withServer({ clock, env: { AUTH_DEMO_LOGIN: 'true', ALLOWED_ORIGINS: ORIGIN } });
beforeAll(async () => {
  await seedServer(server);
  // Past a 5-minute mark, so that the snapshot boards have rows too.
  clock.advance(5 * 60_000);
});

const nameOf = (route: Route) => `${route.method.toUpperCase()} ${route.path}`;
const routeNames = Object.keys(API_CALLS);

function routeOf(name: string): Route {
  const route = server.routes.find((it) => nameOf(it) === name);
  if (!route) throw new Error(`there is no route ${name}`);
  return route;
}

/** The documented statuses, by `METHOD path`. */
async function readDocument(): Promise<Map<string, string[]>> {
  const Operation = z.looseObject({ responses: z.record(z.string(), z.unknown()) });
  const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) });
  const { paths } = Document.parse(await getJson(server, '/openapi.json'));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]): [string, string[]] => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      Object.keys(responses),
    ]),
  );
  return new Map(operations);
}

let documented: Map<string, string[]>;
beforeAll(async () => {
  documented = await readDocument();
});

/** Calls a route and checks that its response is documented. */
async function callDocumented(name: string, credentials: Record<string, string>): Promise<Response> {
  const response = await callRoute(server, name, credentials);
  expect(documented.get(name)).toContain(String(response.status));
  return response;
}

describe('API document', () => {
  it('contains every served route, and no other', () => {
    const served = server.routes.map(nameOf);
    expect([...documented.keys()].toSorted()).toEqual(served.toSorted());
    expect(new Set(served).size).toBe(served.length);
  });
});

describe('a route', () => {
  it('has a call in this spec', () => {
    expect(routeNames.toSorted()).toEqual(server.routes.map(nameOf).toSorted());
  });

  it.each(routeNames)('%s answers as its definition declares', async (name) => {
    const route = routeOf(name);
    const response = await callRoute(server, name);
    const promised = route.responses[response.status];
    expect([response.status, promised === undefined]).toEqual([response.status, false]);
    expect(response.status).toBeLessThan(300);
    // Without Cache-Control an intermediate cache may keep a response for any time.
    expect(response.headers.get('cache-control')).toMatch(/no-store|no-cache|private/);
    if (response.status === 204) return;
    const type = response.headers.get('content-type') ?? '';
    if (promised?.schema) {
      expect(type).toMatch(/^application\/json/);
      const body: unknown = await response.json();
      // Equal, not only accepted: parsing would drop an undocumented field.
      expect(promised.schema.parse(body)).toEqual(body);
    } else {
      expect(type.split(';')[0]).toBe(promised?.contentType);
    }
  });

  it.each(routeNames)(
    '%s may be called by pages of an allowed origin, with the headers that it reads',
    async (name) => {
      const { method, path } = routeOf(name);
      const { headers } = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: { Origin: ORIGIN, 'Access-Control-Request-Method': method.toUpperCase() },
      });
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-allow-methods')?.split(',')).toContain(method.toUpperCase());
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(',');
      const prepared = await API_CALLS[name]!.prepare?.(server);
      const read = Object.keys(prepared?.headers ?? {}).map((it) => it.toLowerCase());
      expect(allowed).toEqual(expect.arrayContaining(['authorization', 'content-type', ...read]));
    },
  );

  it('is counted in metrics by its method', async () => {
    const methods = [...new Set(server.routes.map((it) => it.method.toUpperCase()))];
    for (const method of methods) await fetch(`${server.url}/nowhere`, { method });
    const metrics = await (await server.get('/metrics', { 'X-API-Key': OPERATOR_KEY })).text();
    const counted = new Set(Array.from(metrics.matchAll(/method="(\w+)"/g), ([, method]) => method));
    expect([...counted]).toEqual(expect.arrayContaining(methods));
  });

  it.each(['/debug/doctor', '/debug/trace/BTCUSDT', '/debug/trace/NOSUCHUSDT'])(
    'GET %s answers text to a terminal and JSON to a program',
    async (path) => {
      const route = server.routes.find((it) => path.startsWith(it.path.replace('/:symbol', '/')));
      const as = (accept: Record<string, string>) =>
        server.get(path, { 'X-API-Key': OPERATOR_KEY, ...accept });
      const text = await as({});
      expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(route?.responses[200]?.contentType).toBe('text/plain');
      const body: unknown = await (await as({ Accept: 'application/json' })).json();
      expect(route?.responses[200]?.schema?.parse(body)).toEqual(body);
    },
  );

  it('answers 304 without a body where declared', async () => {
    const pro = { Authorization: `Bearer ${await server.token('pro')}` };
    const etag = (await server.get('/api/market/open-interest/board', pro)).headers.get('etag');
    const again = await server.get('/api/market/open-interest/board', { ...pro, 'If-None-Match': etag! });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

describe('an unsupported method', () => {
  const paths = [...new Set(routeNames.map((name) => name.split(' ')[1]!))];

  it.each(paths)('is answered 405 with Allow at %s', async (path) => {
    const has = (method: string) =>
      routeNames.some((name) => {
        const [its, pattern = ''] = name.split(' ');
        return its === method && new RegExp(`^${pattern.replace(/:\w+/, '[^/]+')}$`).test(path);
      });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((it) => !has(it))) {
      const response = await fetch(
        server.url + path.replace(':symbol', 'BTCUSDT').replace(':name', 'retired'),
        { method },
      );
      const allowed = response.headers.get('Allow')?.split(', ') ?? [];
      expect(await readRefusal(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
      expect(allowed.every((it) => has(it) || (it === 'HEAD' && has('GET')))).toBe(true);
      expect(allowed).not.toHaveLength(0);
    }
  });

  it('excludes HEAD where there is GET, which answers the head alone', async () => {
    const response = await fetch(`${server.url}/health`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('an unknown path', () => {
  it.each([
    '/api',
    '/api/market/open-interest/nothing',
    '/docs/assets/nothing.js',
    '/debug/trace',
    '/metrics/x',
  ])('is answered 404: %s', async (path) => {
    const response = await server.get(path);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await readRefusal(response)).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('access to a route', () => {
  it.each(routeNames)('A8 with the ingest key is limited to ingest: %s', async (name) => {
    const route = routeOf(name);
    const response = await callDocumented(name, { 'X-API-Key': INGEST_KEY });
    if (route.access === 'ingest') expect(response.status).toBe(200);
    else if (route.access === 'public') expect(response.status).toBeLessThan(300);
    else if (name === 'GET /api/session') expect(response.status).toBe(401);
    else expect(response.status).toBe(route.access === 'anyone' ? 200 : 403);
  });

  it.each(routeNames)('L8 without credentials follows its rule: %s', async (name) => {
    const { access } = routeOf(name);
    const response = await callDocumented(name, {});
    const isOpen = (access === 'public' || access === 'anyone') && name !== 'GET /api/session';
    if (isOpen) expect(response.status).toBeLessThan(300);
    else expect((await readRefusal(response)).status).toBe(401);
  });

  it.each(routeNames)('L8 of a free user follows its rule: %s', async (name) => {
    const { access } = routeOf(name);
    const { status } = await callDocumented(name, await bearer(server, 'free'));
    const expected = { pro: 403, proOrOperator: 403, operatorOrAdmin: 403, operator: 401, ingest: 401 };
    if (access in expected) expect(status).toBe(expected[access as keyof typeof expected]);
    else if (API_CALLS[name]!.freeStatus) expect(status).toBe(API_CALLS[name]!.freeStatus);
    else expect(status).toBeLessThan(300);
  });

  it.each(routeNames)(
    'A7 with an invalid credential is refused wherever one is required: %s',
    async (name) => {
      const wrong = { 'X-API-Key': 'oi_ingest_nobody_has_it', Authorization: 'Bearer not.a.token' };
      for (const [header, value] of Object.entries(wrong)) {
        const { status } = await callDocumented(name, { [header]: value });
        if (routeOf(name).access === 'public') expect(status).toBeLessThan(300);
        else expect(status).toBe(401);
      }
    },
  );
});
