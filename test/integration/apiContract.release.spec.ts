import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { findApiBreaks } from '../support/apiBreaks.ts';
import { getJson } from '../support/openInterestCalls.ts';
import { REPOSITORY } from '../support/sourceFiles.ts';
import { withServer } from '../support/withServer.ts';

type Content = { content?: Record<string, { schema: object }> };
type Operation = {
  operationId?: string;
  parameters: unknown[];
  requestBody?: Content;
  responses: Record<string, Content>;
};
type Document = {
  servers: unknown;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, unknown>; required: string[] }> };
};

const FOLDER = path.join(REPOSITORY, 'docs/openapi');
const RELEASES = fs.readdirSync(FOLDER).filter((it) => it.endsWith('.json'));
const newest = RELEASES.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)!;
const released = JSON.parse(fs.readFileSync(path.join(FOLDER, newest), 'utf8')) as Document;

const { server } = withServer();
beforeAll(async () => {
  document = (await getJson(server, '/openapi.json')) as Document;
});
let document: Document;

const operations = (): Operation[] => Object.values(document.paths).flatMap((it) => Object.values(it));

describe('API document', () => {
  it('breaks nothing that clients of the last release use', () => {
    expect(findApiBreaks(released, document)).toEqual([]);
  });

  it('names its server, and each operation once, as client generators require', () => {
    expect(document.servers).toEqual([expect.objectContaining({ url: '/' })]);
    const ids = operations().map((it) => it.operationId);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names every body schema, and uses every name', () => {
    const text = JSON.stringify(document);
    const bodies = operations()
      .flatMap((it) => [it.requestBody, ...Object.values(it.responses)])
      .flatMap((it) => it?.content?.['application/json']?.schema ?? []);
    expect(bodies.length).toBeGreaterThan(40);
    for (const schema of bodies) expect(Object.keys(schema)).toEqual(['$ref']);
    const { schemas } = document.components;
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    expect(unused).toEqual([]);
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['BoardBody', 'BoardRow', 'Session', 'Error']),
    );
  });
});

describe('a breaking change of the API', () => {
  const BOARD = '/api/market/open-interest/board';
  const HISTORY = '/api/market/open-interest/history';
  const get = (it: Document, path: string): Operation => it.paths[path]!['get']!;
  const schema = (it: Document, name: string) => it.components.schemas[name]!;

  it.each<[string, (it: Document) => unknown]>([
    [`GET ${BOARD} is gone`, (it) => delete it.paths[BOARD]],
    [`GET ${BOARD} is no longer called "readBoard"`, (it) => (get(it, BOARD).operationId = 'getBoard')],
    [`GET ${BOARD} parameter since is gone`, (it) => (get(it, BOARD).parameters = [])],
    [
      `GET ${HISTORY} parameter zone is now required`,
      (it) => get(it, HISTORY).parameters.push({ name: 'zone', in: 'query', required: true, schema: {} }),
    ],
    [`GET ${BOARD} no longer answers 304`, (it) => delete get(it, BOARD).responses['304']],
    [`GET ${BOARD} 200.seq is gone`, (it) => delete schema(it, 'BoardBody').properties['seq']],
    [
      `GET ${BOARD} 200.seq may now be string`,
      (it) => (schema(it, 'BoardBody').properties['seq'] = { type: 'string' }),
    ],
    [
      `GET ${BOARD} 200.seq may now be absent`,
      (it) => {
        const body = schema(it, 'BoardBody');
        body.required = body.required.filter((name) => name !== 'seq');
      },
    ],
    [
      'POST /api/open-interest-alerts/ingest body.mood is now required',
      (it) => schema(it, 'OpenInterestAlertInput').required.push('mood'),
    ],
    [
      'POST /api/open-interest-alerts/ingest body.symbol no longer takes string',
      (it) => (schema(it, 'OpenInterestAlertInput').properties['symbol'] = { type: 'number' }),
    ],
  ])('is detected and described: %s', (sentence, change) => {
    const after = structuredClone(document);
    change(after);
    expect(findApiBreaks(document, after)).toContain(sentence);
  });

  it('is not reported for additions', () => {
    const after = structuredClone(document);
    after.paths['/api/new'] = { get: { operationId: 'readNew', parameters: [], responses: {} } };
    schema(after, 'BoardBody').properties['mood'] = { type: 'string' };
    schema(after, 'OpenInterestAlertInput').properties['mood'] = { type: 'string' };
    get(after, BOARD).parameters.push({ name: 'x', in: 'query', required: false, schema: {} });
    expect(findApiBreaks(document, after)).toEqual([]);
  });
});
