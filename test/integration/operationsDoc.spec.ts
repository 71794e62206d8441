import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { expectToHold } from '../support/documentAnswer.ts';
import { readDocumentBlocks, type DocumentBlock } from '../support/documentBlocks.ts';
import { ROOT, runDocumentBlock } from '../support/documentShell.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { withServer } from '../support/withServer.ts';

const DOCUMENT = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
const BLOCKS = readDocumentBlocks(DOCUMENT);
const JWT_SECRET = 'a secret of the operations guide, longer than thirty-two bytes';

/** The command that makes a token needs the secret; all others need its answer. */
const makesToken = (block: DocumentBlock) => block.code.includes('run -s token');

describe('docs/operations.md', () => {
  const { server } = withServer({ env: { AUTH_JWT_SECRET: JWT_SECRET } });
  let environment: Record<string, string>;

  beforeAll(async () => {
    environment = {
      URL: server.url,
      INGEST_KEY,
      OPERATOR_KEY,
      AUTH_JWT_SECRET: JWT_SECRET,
    };
    const tokenBlock = BLOCKS.find(makesToken);
    environment['PRO_TOKEN'] = tokenBlock
      ? (await runDocumentBlock(tokenBlock.code, environment)).stdout.trim()
      : '';
  });

  it('has commands to run', () => {
    expect(BLOCKS.length).toBeGreaterThan(20);
    expect(BLOCKS.filter(makesToken)).toHaveLength(1);
  });

  it.each(BLOCKS)('matches the response on line $line: $title', async (block) => {
    const { stdout, statuses } = await runDocumentBlock(block.code, environment);
    expect(statuses).toEqual(block.statuses);
    if (block.shown?.language === 'json') {
      expectToHold(JSON.parse(stdout), JSON.parse(block.shown.text), 'answer');
    } else if (block.shown) {
      const starts = firstWords(stdout);
      for (const word of firstWords(block.shown.text)) expect(starts).toContain(word);
    }
  });

  it('names every route of the server', () => {
    const paths = server.routes.map((route) => route.path).filter((it) => !it.startsWith('/docs/'));
    /** With any value for a parameter. */
    const patternOf = (it: string) => new RegExp(it.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/\\s]+'));
    const unnamed = paths.filter((it) => !patternOf(it).test(DOCUMENT));
    expect(unnamed).toEqual([]);
  });
});

function firstWords(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[^\s…]\S*/.exec(line)?.[0] ?? []);
}
