import { describe, expect, it } from '@jest/globals';
import { createReleasers } from '../../../src/kit/lifecycle.ts';
import { createLogger } from '../../../src/kit/logger.ts';
import { silentLogger } from '../../support/silentLogger.ts';

describe('createReleasers', () => {
  it('closes in reverse order, one after the other', async () => {
    const releasers = createReleasers(silentLogger);
    const closed: string[] = [];
    for (const name of ['store', 'server', 'loop']) {
      releasers.push(name, async () => {
        closed.push(`${name} begins`);
        await Promise.resolve();
        closed.push(`${name} ends`);
      });
    }
    await releasers.releaseAll();
    expect(closed).toEqual([
      'loop begins',
      'loop ends',
      'server begins',
      'server ends',
      'store begins',
      'store ends',
    ]);
  });

  it('runs all even if some fail, and reports which', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'warn',
      name: 'test',
      destination: { write: (line) => void lines.push(line) },
    });
    const releasers = createReleasers(logger);
    const released: string[] = [];
    releasers.push('first', () => released.push('first'));
    releasers.push('throws', () => {
      throw new Error('at once');
    });
    releasers.push('rejects', () => Promise.reject(new Error('later')));
    releasers.push('last', () => released.push('last'));
    await expect(releasers.releaseAll()).resolves.toBeUndefined();
    expect(released).toEqual(['last', 'first']);
    expect(lines.map((line) => (JSON.parse(line) as { what: string }).what)).toEqual(['rejects', 'throws']);
  });

  it('runs each once, however often it is called', async () => {
    const releasers = createReleasers(silentLogger);
    let runs = 0;
    releasers.push('once', async () => {
      await Promise.resolve();
      runs += 1;
    });
    await Promise.all([releasers.releaseAll(), releasers.releaseAll()]);
    await releasers.releaseAll();
    expect(runs).toBe(1);
  });

  it('closes what is opened while it closes', async () => {
    const releasers = createReleasers(silentLogger);
    const released: string[] = [];
    releasers.push('first', () => released.push('first'));
    releasers.push('opens another', () => releasers.push('late', () => released.push('late')));
    await releasers.releaseAll();
    expect(released).toEqual(['late', 'first']);
  });
});
