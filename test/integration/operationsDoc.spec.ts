import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { readDocumentBlocks, type DocumentBlock } from '../support/documentBlocks.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
const BLOCKS = readDocumentBlocks(DOCUMENT);
const JWT_SECRET = 'a secret of the operations guide, longer than thirty-two bytes';

/** The command that makes a token needs the secret; all others need its answer. */
const makesToken = (block: DocumentBlock) => block.code.includes('SignJWT');

/** `curl` as the reader has it, and behind each answer the status on the error channel. */
const SHELL = `set -euo pipefail
curl() { command curl "$@" --write-out '%{stderr}HTTP %{http_code}\\n'; }
`;

describe('docs/operations.md', () => {
  let database: TestDatabase;
  let server: TestServer;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ databaseUrl: database.url, env: { AUTH_JWT_SECRET: JWT_SECRET } });
    environment = {
      PATH: process.env['PATH'] ?? '',
      URL: server.url,
      INGEST_KEY,
      OPERATOR_KEY,
      AUTH_JWT_SECRET: JWT_SECRET,
    };
    const tokenBlock = BLOCKS.find(makesToken);
    environment['PRO_TOKEN'] = tokenBlock ? (await run(tokenBlock.code)).stdout.trim() : '';
  });

  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  it('has commands to run', () => {
    expect(BLOCKS.length).toBeGreaterThan(20);
    expect(BLOCKS.filter(makesToken)).toHaveLength(1);
  });

  it.each(BLOCKS)('answers as it says, line $line: $title', async (block) => {
    const { stdout, statuses } = await run(block.code);
    expect(statuses).toEqual(block.statuses);
    if (block.shown?.language === 'json') {
      expectToHold(JSON.parse(stdout), JSON.parse(block.shown.text), 'answer');
    } else if (block.shown) {
      const starts = firstWords(stdout);
      for (const word of firstWords(block.shown.text)) expect(starts).toContain(word);
    }
  });

  it('names every route of the server', () => {
    const paths = server.routes.map((route) => route.path.replaceAll(/:\w+/g, ''));
    const unnamed = paths.filter((it) => !it.startsWith('/docs/') && !DOCUMENT.includes(it));
    expect(unnamed).toEqual([]);
  });

  async function run(code: string): Promise<{ stdout: string; statuses: string[] }> {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', SHELL + code], {
      cwd: ROOT,
      env: environment,
      timeout: 15_000,
    });
    return { stdout, statuses: Array.from(stderr.matchAll(/^HTTP (\d{3})$/gm), (match) => match[1]!) };
  }
});

/** Whatever the document shows is there, as the same kind of value; the values themselves are of their day. */
function expectToHold(actual: unknown, shown: unknown, where: string): void {
  expect({ where, kind: kindOf(actual, shown) }).toEqual({ where, kind: kindOf(shown, actual) });
  if (Array.isArray(shown) && Array.isArray(actual)) {
    if (shown.length > 0) expectToHold(actual[0], shown[0], `${where}[0]`);
  } else if (isObject(shown) && isObject(actual)) {
    for (const [key, value] of Object.entries(shown)) expectToHold(actual[key], value, `${where}.${key}`);
  }
}

/** What may be absent today and there tomorrow is of one kind with whatever stands in its place. */
function kindOf(value: unknown, other: unknown): string {
  if (value === null || other === null) return value === undefined || other === undefined ? 'absent' : 'any';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstWords(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[^\s…]\S*/.exec(line)?.[0] ?? []);
}
