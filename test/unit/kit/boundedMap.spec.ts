import { describe, expect, it } from '@jest/globals';
import { BoundedMap } from '../../../src/kit/boundedMap.ts';

describe('BoundedMap', () => {
  it('evicts the oldest entry beyond its limit', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('c', 3);
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 3],
    ]);
  });

  it('treats a key that is set again as the newest', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });

  it('does not count a read as use', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2);
    map.get('a');
    expect([...map.set('c', 3).keys()]).toEqual(['b', 'c']);
  });

  it('reports evicted entries, not replaced or deleted ones', () => {
    const evicted: unknown[] = [];
    const map = new BoundedMap<string | undefined, number>(1, (...entry) => evicted.push(entry));
    map.set('a', 1).set('a', 2).delete('a');
    map.set(undefined, 3).set('b', 4);
    expect(evicted).toEqual([[undefined, 3]]);
  });
});
