import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SymbolFacts } from '../../src/simulator/facts/facts.types.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { expectToHold } from '../support/documentAnswer.ts';
import { readDocumentBlocks } from '../support/documentBlocks.ts';
import { ROOT, runDocumentBlock } from '../support/documentShell.ts';
import { withOpened } from '../support/withOpened.ts';

const DOCUMENT = readFileSync(path.join(ROOT, 'docs/simulator.md'), 'utf8');
const BLOCKS = readDocumentBlocks(DOCUMENT);

describe('docs/simulator.md', () => {
  const exchange = withOpened(startSimulator, 'close');
  let contracts: readonly SymbolFacts[];

  beforeAll(() => {
    // As they are before the document's commands list and delist.
    contracts = exchange.market.contracts();
  });

  it('has commands to run', () => {
    expect(BLOCKS.length).toBeGreaterThan(5);
  });

  it.each(BLOCKS)('matches the response on line $line: $title', async ({ code, statuses, shown }) => {
    const answer = await runDocumentBlock(code, { EXCHANGE: exchange.restUrl });
    expect(answer.statuses).toEqual(statuses);
    if (shown) expectToHold(JSON.parse(answer.stdout), JSON.parse(shown.text), 'answer');
  });

  it('states the actual numbers of contracts', () => {
    expect(DOCUMENT).toContain(`${contracts.length} contracts`);
    const perpetuals = contracts.filter(
      (it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING',
    );
    expect(DOCUMENT).toContain(`${perpetuals.length} of them are USDT perpetuals`);
  });
});
