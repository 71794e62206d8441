import { beforeAll, describe, expect, it } from '@jest/globals';
import { createFakeClock } from '../support/fakeClock.ts';
import { getJson } from '../support/openInterestCalls.ts';
import { withServer } from '../support/withServer.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

const { server } = withServer({ clock: createFakeClock() });
beforeAll(async () => {
  document = (await getJson(server, '/openapi.json')) as JsonObject;
});
let document: JsonObject;

const asObject = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const asArray = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
/** A text or a list of texts, as a list; what is no text shows as its JSON. */
const asTexts = (value: Json | undefined): string[] =>
  [value ?? []].flat().map((it) => (typeof it === 'string' ? it : JSON.stringify(it)));

/** Every operation with its path and method. */
function operations(): { path: string; method: string; operation: JsonObject }[] {
  return Object.entries(asObject(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(asObject(methods)).map(([method, operation]) => ({
      path,
      method,
      operation: asObject(operation),
    })),
  );
}

/** Every JSON Schema of the document with its location, including nested ones. */
function schemas(): { at: string; schema: JsonObject }[] {
  const found: { at: string; schema: JsonObject }[] = [];
  const enter = (at: string, value: Json | undefined): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    found.push({ at, schema: value });
    for (const keyword of ['properties', '$defs', 'patternProperties']) {
      for (const [name, it] of Object.entries(asObject(value[keyword])))
        enter(`${at}/${keyword}/${name}`, it);
    }
    for (const keyword of ['items', 'additionalProperties', 'propertyNames', 'not'])
      enter(`${at}/${keyword}`, value[keyword]);
    for (const keyword of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
      for (const [i, it] of asArray(value[keyword]).entries()) enter(`${at}/${keyword}/${i}`, it);
    }
  };
  for (const { path, method, operation } of operations()) {
    const at = `${method} ${path}`;
    for (const it of asArray(operation['parameters'])) enter(`${at} parameter`, asObject(it)['schema']);
    const bodies = [
      asObject(operation['requestBody']),
      ...Object.values(asObject(operation['responses'])).map(asObject),
    ];
    for (const body of bodies) {
      for (const media of Object.values(asObject(body['content']))) enter(at, asObject(media)['schema']);
    }
  }
  for (const [name, schema] of Object.entries(asObject(asObject(document['components'])['schemas'])))
    enter(name, schema);
  return found;
}

describe('/openapi.json', () => {
  it('is an OpenAPI 3.1 document with the required fields', () => {
    expect(document['openapi']).toMatch(/^3\.1\.\d+$/);
    const { title, version } = asObject(document['info']);
    expect([typeof title, typeof version]).toEqual(['string', 'string']);
    const known = [
      'openapi',
      'info',
      'servers',
      'paths',
      'components',
      'security',
      'tags',
      'externalDocs',
      'webhooks',
    ];
    expect(known).toEqual(expect.arrayContaining(Object.keys(document)));
    expect(operations().length).toBeGreaterThan(20);
  });

  it('describes each operation: a summary, at least one success response, a description for each response', () => {
    for (const { path, method, operation } of operations()) {
      expect(['get', 'post', 'put', 'delete']).toContain(method);
      expect(path).toMatch(/^\/[\w/{}.-]*$/);
      expect(operation['summary']).toEqual(expect.stringMatching(/\S/));
      const responses = Object.entries(asObject(operation['responses']));
      expect(responses.some(([status]) => status.startsWith('2'))).toBe(true);
      for (const [status, response] of responses) {
        expect(status).toMatch(/^[1-5]\d\d$/);
        expect(asObject(response)['description']).toEqual(expect.stringMatching(/\S/));
      }
      // A test of a channel, for example, is a post without a body.
      const isRead = method === 'get' || method === 'delete';
      if (isRead) expect(operation).not.toHaveProperty('requestBody');
      else if ('requestBody' in operation)
        expect(asObject(operation['requestBody'])['content']).toHaveProperty(['application/json']);
    }
  });

  it('assigns each operation to one tag, and describes each tag', () => {
    const subjects = asArray(document['tags']).map(asObject);
    const filed = new Map<string, string[]>();
    for (const { path, method, operation } of operations()) {
      const [tag = '', ...others] = asTexts(operation['tags']);
      expect(others).toEqual([]);
      filed.set(tag, [...(filed.get(tag) ?? []), `${method} ${path}`]);
    }
    const names = subjects.flatMap((it) => asTexts(it['name']));
    expect([...filed.keys()].toSorted()).toEqual(names.toSorted());
    for (const { description } of subjects) expect(description).toEqual(expect.stringMatching(/\S/));
    expect(filed.get('Alerts')).toEqual(['get /api/open-interest-alerts']);
    expect(filed.get('Ingest')).toContain('post /api/market/open-interest/ingest');
    expect(filed.get('Operators')).toContain('get /debug/doctor');
    expect(filed.get('Open interest')).toContain('get /api/market/open-interest/board');
    expect(filed.get('Server')?.filter((it) => it.includes('/api/'))).toEqual([]);
    expect(Math.max(...[...filed.values()].map((it) => it.length))).toBeLessThan(operations().length / 2);
  });

  it('declares each path parameter once, as required, and no parameter twice', () => {
    for (const { path, operation } of operations()) {
      const parameters = asArray(operation['parameters']).map(asObject);
      const declared = parameters.filter((it) => it['in'] === 'path').map((it) => it['name']);
      expect(declared).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1]));
      const keys = parameters.map((it) => asTexts([it['in'] ?? '', it['name'] ?? '']).join(' '));
      expect(new Set(keys).size).toBe(keys.length);
      for (const parameter of parameters) {
        expect(['path', 'query', 'header']).toContain(parameter['in']);
        expect(typeof parameter['required']).toBe('boolean');
        expect(asObject(parameter['schema'])['type'] ?? asObject(parameter['schema'])['enum']).toBeDefined();
      }
    }
  });

  it('names only security schemes that it defines, each used', () => {
    const defined = asObject(asObject(document['components'])['securitySchemes']);
    const used = operations().flatMap(({ operation }) =>
      asArray(operation['security']).flatMap((it) => Object.keys(asObject(it))),
    );
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(defined).toSorted());
  });

  it('has only JSON Schema 2020-12 schemas whose references resolve', () => {
    const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
    const all = schemas();
    const faults = all.flatMap(({ at, schema }) => {
      const properties = Object.keys(asObject(schema['properties']));
      const reference = schema['$ref'];
      return [
        ...asTexts(schema['type']).filter((type) => !types.includes(type)),
        ...asTexts(schema['required']).filter((name) => !properties.includes(name)),
        ...['nullable', 'definitions', '$schema', 'id'].filter((keyword) => keyword in schema),
        ...(Array.isArray(schema['enum']) && schema['enum'].length === 0 ? ['an empty enum'] : []),
        ...(typeof reference === 'string' && resolve(reference) === undefined ? [reference] : []),
      ].map((fault) => `${at}: ${fault}`);
    });
    expect(faults).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
    for (const { schema } of all) {
      if (typeof schema['pattern'] === 'string') expect(new RegExp(schema['pattern'], 'u')).toBeDefined();
    }
  });

  function resolve(reference: string): Json | undefined {
    return reference
      .split('/')
      .slice(1)
      .reduce<Json | undefined>((at, name) => asObject(at)[name], document);
  }

  it('shows an example of a chunk, although its items are judged one by one', () => {
    const ingest = operations().find((it) => it.path === '/api/market/open-interest/ingest');
    expect(JSON.stringify(ingest?.operation['requestBody'])).toContain(
      '#/components/schemas/OpenInterestIngestRequest',
    );
    const named = asObject(asObject(document['components'])['schemas']);
    expect(JSON.stringify(named['OpenInterestIngestRequest'])).toContain('OpenInterestSampleInput');
    expect(JSON.stringify(named['OpenInterestSampleInput'])).toContain('openInterestUsd');
  });
});

describe('/docs', () => {
  it('loads everything from this server, with correct content types', async () => {
    const page = await (await server.get('/docs')).text();
    const links = Array.from(
      page.matchAll(/<(?:script|link)[^>]*?(?:src|href)="([^"]+)"/g),
      (match) => match[1]!,
    );
    const own = links.filter((it) => !it.startsWith('data:'));
    expect(own).toHaveLength(4);
    for (const path of own) {
      const response = await server.get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(
        path.endsWith('.css') ? /^text\/css/ : /^(text|application)\/javascript/,
      );
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).not.toHaveLength(0);
    }
    expect(await (await server.get('/docs/start.js')).text()).toContain('/openapi.json');
  });

  it('complies with its own content security policy: nothing inline, nothing external', async () => {
    const response = await server.get('/docs');
    const policy = new Map(
      (response.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
        const [name = '', ...sources] = directive.trim().split(' ');
        return [name, sources];
      }),
    );
    for (const kind of ['default-src', 'script-src', 'style-src']) {
      expect(policy.get(kind) ?? policy.get('default-src')).toEqual(["'self'"]);
    }
    expect(policy.get('object-src')).toEqual(["'none'"]);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy.get('img-src')).toEqual(expect.arrayContaining(["'self'", 'data:']));
    const page = await response.text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:/i);
  });

  it.each(['index.html', 'swagger-initializer.js', 'package.json', 'oauth2-redirect.html'])(
    'serves only the files of the viewer that the page loads, not %s',
    async (file) => {
      expect((await server.get(`/docs/assets/${file}`)).status).toBe(404);
    },
  );
});
