import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, createMemory } from '../../../src/dashboard/shell/settings.ts';

/** A browser's storage. */
function createStorage(held = new Map<string, string>()) {
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
}

describe('browser settings', () => {
  it('round-trip through the storage', () => {
    const storage = createStorage();
    const memory = createMemory(storage);
    const settings = { ...DEFAULT_SETTINGS, theme: 'light', columns: ['symbol', 'usd'] } as const;
    memory.writeSettings({ ...settings, columns: [...settings.columns] });
    memory.writeFavourites(new Set(['币安人生USDT']));
    memory.writeSeen({ until: '2026-11-20T14:00:00.000Z' });
    const later = createMemory(createStorage(storage.held));
    expect(later.readSettings()).toEqual(settings);
    expect([...later.readFavourites()]).toEqual(['币安人生USDT']);
    expect(later.readSeen()).toEqual({ until: '2026-11-20T14:00:00.000Z' });
  });

  it('ignore values of an unexpected shape', () => {
    const broken = ['{', '[]', '{"theme":"pink"}', '{"columns":["price"]}', '{"sound":{"on":"yes"}}'];
    for (const text of broken) {
      const memory = createMemory(createStorage(new Map([['oi.layout.v1', text]])));
      expect(memory.readSettings()).toEqual(DEFAULT_SETTINGS);
    }
    const favourites = createMemory(createStorage(new Map([['oi.favourites.v1', '{"a":1}']])));
    expect(favourites.readFavourites().size).toBe(0);
    expect(favourites.readSeen()).toBeNull();
  });

  it('work without a storage, and with one that throws', () => {
    const refuse = (): never => {
      throw new Error('forbidden');
    };
    for (const storage of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }]) {
      const memory = createMemory(storage);
      memory.writeFavourites(new Set(['A']));
      memory.forget();
      expect(memory.readSettings()).toEqual(DEFAULT_SETTINGS);
    }
  });

  it('return a change of tier once', () => {
    const memory = createMemory(createStorage());
    memory.rememberTierChange('free');
    expect([memory.takeTierChange(), memory.takeTierChange()]).toEqual(['free', null]);
  });
});
