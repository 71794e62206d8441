import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiError } from '../../../src/dashboard/live/api.ts';
import { restoreView, withoutView, withViews } from '../../../src/dashboard/views/savedViews.ts';
import { changeKept } from '../../../src/dashboard/watchlists/changeKept.ts';
import { mergeFavourites } from '../../../src/dashboard/watchlists/favourites.ts';
import {
  putSymbol,
  renameList,
  withFavourites,
  withList,
  withoutList,
} from '../../../src/dashboard/watchlists/listChanges.ts';
import type { Lists } from '../../../src/dashboard/watchlists/lists.store.ts';
import { keepNewer } from '../../../src/dashboard/watchlists/watchlists.ts';

const set = (text: string): Set<string> => new Set(text.split(''));

describe('the stars of browser and server', () => {
  const merge = (browser: string, server: string, agreed: string, isSameUser = true): string =>
    [...mergeFavourites({ browser: set(browser), server: set(server), agreed: set(agreed), isSameUser })]
      .sort()
      .join('');

  it.each([
    ['a first visit joins both', 'AB', 'BC', '', true, 'ABC'],
    ['added here', 'AB', 'A', 'A', true, 'AB'],
    ['removed here', 'A', 'AB', 'AB', true, 'A'],
    ['added elsewhere', 'A', 'AB', 'A', true, 'AB'],
    ['removed elsewhere', 'AB', 'A', 'AB', true, 'A'],
    ['changed on both sides', 'AC', 'BD', 'AB', true, 'CD'],
    ['another user has signed in', 'AB', 'C', 'A', false, 'BC'],
  ])('merge: %s', (_, browser, server, agreed, isSameUser, merged) => {
    expect(merge(browser, server, agreed, isSameUser)).toBe(merged);
  });

  it('keep every change of one side against any of the other, and agree after a merge', () => {
    const symbols = fc.subarray(['A', 'B', 'C', 'D', 'E']).map((it) => new Set(it));
    fc.assert(
      fc.property(symbols, symbols, symbols, (browser, server, agreed) => {
        const merged = mergeFavourites({ browser, server, agreed, isSameUser: true });
        for (const it of ['A', 'B', 'C', 'D', 'E']) {
          const wasAgreed = agreed.has(it);
          const isChanged = browser.has(it) !== wasAgreed || server.has(it) !== wasAgreed;
          expect(merged.has(it)).toBe(isChanged ? !wasAgreed : wasAgreed);
        }
        expect(
          mergeFavourites({ browser: merged, server: merged, agreed: server, isSameUser: true }),
        ).toEqual(merged);
      }),
    );
  });
});

describe('changes of the watchlists', () => {
  const MAJORS = { id: 'a', name: 'Majors', symbols: ['BTCUSDT'] };
  const saved = { lists: [MAJORS], version: 3 };

  it('are none where nothing changes, so that nothing is sent', () => {
    expect(withList(saved, { ...MAJORS, name: 'Other' })).toBe(saved);
    expect(withoutList(saved, 'gone')).toBe(saved);
    expect(renameList(saved, 'a', 'Majors')).toBe(saved);
    expect(putSymbol(saved, 'a', 'BTCUSDT', true)).toBe(saved);
    expect(putSymbol(saved, 'gone', 'BTCUSDT', true)).toBe(saved);
    expect(withFavourites(saved, [])).toBe(saved);
  });

  it('put a deleted list back where it was, beside what was made since', () => {
    const since = withList(withoutList(saved, 'a'), { id: 'b', name: 'New', symbols: [] });
    expect(withList(since, MAJORS, 0).lists.map((it) => it.id)).toEqual(['a', 'b']);
  });

  it('put the stars in the first list, whose name differs from others', () => {
    const own = { lists: [{ ...MAJORS, name: 'Favourites' }], version: 1 };
    const starred = withFavourites(own, ['ETHUSDT']);
    expect(starred.lists.map((it) => [it.id, it.name])).toEqual([
      ['favourites', 'Favourites 2'],
      ['a', 'Favourites'],
    ]);
    expect(withFavourites(starred, ['ETHUSDT'])).toBe(starred);
    expect(withFavourites(starred, []).lists[0]!.symbols).toEqual([]);
  });
});

describe('answers with the watchlists', () => {
  it('leave the newest, in any order of arrival', () => {
    const answers = fc.array(fc.nat({ max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(answers, (versions) => {
        let held: Lists = { saved: null, symbols: new Map() };
        for (const version of versions) {
          const list = { id: 'a', name: 'Majors', symbols: [`V${version}`] };
          held = keepNewer({ version, lists: [list] })(held);
        }
        const newest = Math.max(...versions);
        expect(held.saved!.version).toBe(newest);
        expect(held.symbols.get('a')).toEqual(new Set([`V${newest}`]));
      }),
    );
  });
});

describe('a document that another page has changed', () => {
  it('gets the change again', async () => {
    let stored = { version: 5, text: 'theirs' };
    const changed = await changeKept({ version: 4, text: '' }, (it) => ({ ...it, text: `${it.text}+ours` }), {
      read: async () => stored,
      async replace(given) {
        if (given.version !== stored.version) throw new ApiError('changed', { status: 412, code: 'changed' });
        return (stored = { ...given, version: given.version + 1 });
      },
    });
    expect(changed).toEqual({ version: 6, text: 'theirs+ours' });
  });

  it('restores a deleted view alone: what was saved since stays', () => {
    const view = (name: string) => ({ name, query: `q=${name}` });
    const before = { views: [view('A'), view('B')], defaultName: 'A', version: 1 };
    const deleted = { view: view('A'), at: 0, wasDefault: true };
    const since = withViews(withoutView(before, 'A'), [view('C'), { name: 'B', query: '' }]);
    expect(restoreView(since, deleted)).toMatchObject({
      views: [view('A'), view('B'), view('C')],
      defaultName: 'A',
    });
    expect(restoreView({ ...since, defaultName: 'C' }, deleted).defaultName).toBe('C');
    expect(restoreView(before, deleted)).toBe(before);
  });
});
