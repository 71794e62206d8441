import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { DEMO_OPTIONS, demoDataDir, parseDemoOptions as parseValues } from '../../../src/demo/config.ts';
import { claimDataDir } from '../../../src/demo/market.ts';
import { planUniverse } from '../../../src/demo/universe.ts';
import { createMarket } from '../../../src/simulator/market/market.ts';
import { loadSymbolFacts } from '../../../src/simulator/facts/facts.ts';
import { createTempDir } from '../../support/tempDir.ts';

function parseDemoOptions(args: string[]) {
  return parseValues(parseArgs({ args, options: DEMO_OPTIONS }).values);
}

describe('demo options', () => {
  it('default to the real exchange', () => {
    expect(parseDemoOptions([])).toEqual({ symbols: 343, speed: 1, seed: 1 });
    expect(parseDemoOptions(['--symbols', '50', '--speed', '2.5', '--seed=9'])).toEqual({
      symbols: 50,
      speed: 2.5,
      seed: 9,
    });
  });

  it('are refused with every fault in one message', () => {
    expect(() => parseDemoOptions(['--symbols', '531', '--speed', 'fast', '--seed=-1'])).toThrow(
      /--symbols: must be a whole number from 1 to 530.*\n.*--speed: .*\n.*--seed: /,
    );
  });

  it('have a separate data folder for each market', () => {
    const dirs = [
      [],
      ['--seed', '2'],
      ['--speed', '10'],
      ['--symbols', '10'],
      ['--seed', '2', '--speed', '10'],
    ].map((args) => demoDataDir(parseDemoOptions(args)));
    expect(dirs[0]).toBe('.data/demo');
    expect(new Set(dirs).size).toBe(5);
  });

  it('are recorded in the data folder, which is refused for another market', () => {
    const dir = createTempDir();
    try {
      const options = parseDemoOptions([]);
      claimDataDir(dir.path, options);
      claimDataDir(dir.path, options);
      const other = () => claimDataDir(dir.path, { ...options, seed: 2 });
      expect(other).toThrow(
        `${dir.path} holds another market: {"symbols":343,"speed":1,"seed":1,"figures":"`,
      );
      expect(other).toThrow(', not {"symbols":343,"speed":1,"seed":2,"figures":"');
    } finally {
      dir.remove();
    }
  });

  it('refuse a folder whose market had other figures for the same options', () => {
    const dir = createTempDir();
    try {
      const options = parseDemoOptions([]);
      claimDataDir(dir.path, options);
      const file = path.join(dir.path, 'market.json');
      const claimed = readFileSync(file, 'utf8');
      expect(claimed).toMatch(/"figures":"[0-9a-f]{12}"/);
      for (const earlier of [
        '{"symbols":343,"speed":1,"seed":1}',
        claimed.replace(/"[0-9a-f]{12}"/, '"0123456789ab"'),
      ]) {
        writeFileSync(file, earlier);
        expect(() => claimDataDir(dir.path, options)).toThrow('Delete it, or set DATA_DIR to another folder');
      }
    } finally {
      dir.remove();
    }
  });

  it('have different figures for another seed and another speed', () => {
    const figures = [[], ['--seed', '2'], ['--speed', '10']].map((args) => {
      const dir = createTempDir();
      try {
        claimDataDir(dir.path, parseDemoOptions(args));
        return (JSON.parse(readFileSync(path.join(dir.path, 'market.json'), 'utf8')) as { figures: string })
          .figures;
      } finally {
        dir.remove();
      }
    });
    expect(new Set(figures).size).toBe(3);
  });
});

describe('demo universe', () => {
  const market = createMarket({ facts: loadSymbolFacts(Date.UTC(2026, 10, 20)), seed: 1 });

  it('contains the 343 symbols above 4 million at the default threshold', () => {
    const { symbols, thresholds } = planUniverse(market, 343);
    expect(symbols).toHaveLength(343);
    expect(symbols.slice(0, 2)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(thresholds).toEqual({ enter: 4e6, exit: 2e6 });
  });

  it('contains the requested number of symbols, by volume', () => {
    for (const count of [1, 20, 530]) {
      const { symbols, thresholds } = planUniverse(market, count);
      expect(symbols).toHaveLength(count);
      const volumes = symbols.map((it) => market.selectOptionalContract(it)!.quoteVolume24h);
      const least = Math.min(...volumes);
      expect(thresholds.enter).toBeLessThanOrEqual(least);
      expect(thresholds.enter).toBeGreaterThan(0.9 * least);
    }
  });
});
