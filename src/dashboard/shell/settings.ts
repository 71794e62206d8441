import { z } from 'zod';
import { COLUMN_KEYS } from '../board/columns.ts';

/** What a browser remembers between visits. Anything that does not read as it should is thrown away. */
export const Settings = z.object({
  theme: z.enum(['dark', 'light', 'system']).default('dark'),
  /** Blue and orange, which every eye tells apart, or the green and red of old. */
  palette: z.enum(['safe', 'classic']).default('safe'),
  motion: z.enum(['system', 'off']).default('system'),
  zone: z.enum(['local', 'utc']).default('local'),
  density: z.enum(['normal', 'compact']).default('normal'),
  shortcuts: z.boolean().default(true),
  /** The rail beside the table. */
  rail: z.boolean().default(true),
  columns: z.array(z.enum(COLUMN_KEYS)).nullable().default(null),
  sound: z
    .object({ on: z.boolean(), volume: z.number().int().min(0).max(100), up: z.boolean(), down: z.boolean() })
    .default({ on: false, volume: 40, up: true, down: true }),
  notify: z.enum(['off', 'favourites', 'all']).default('off'),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = Settings.parse({});

const KEYS = {
  settings: 'oi.layout.v1',
  favourites: 'oi.favourites.v1',
  seen: 'oi.alerts.seen.v1',
  tierBefore: 'oi.tierBefore.v1',
} as const;

const Favourites = z.array(z.string().max(64)).max(2_000);
const SeenUntil = z.object({ until: z.string().max(40) });

/** As much of `localStorage` as is used; a browser may have none, or refuse to write. */
export type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

export function createMemory(storage: Storage | null) {
  function read<Schema extends z.ZodType>(key: string, schema: Schema): z.infer<Schema> | null {
    try {
      const parsed = schema.safeParse(JSON.parse(storage?.getItem(key) ?? 'null'));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }
  function write(key: string, value: unknown): void {
    try {
      storage?.setItem(key, JSON.stringify(value));
    } catch {
      // Full, or forbidden: it lasts until the page is closed.
    }
  }

  function drop(key: string): void {
    try {
      storage?.removeItem(key);
    } catch {
      // As above.
    }
  }

  return {
    readSettings: () => read(KEYS.settings, Settings) ?? DEFAULT_SETTINGS,
    writeSettings: (settings: Settings) => write(KEYS.settings, settings),
    readFavourites: () => new Set(read(KEYS.favourites, Favourites) ?? []),
    writeFavourites: (symbols: ReadonlySet<string>) => write(KEYS.favourites, [...symbols]),
    /** `null`: nobody has looked at alerts here before, so what is old already is not news. */
    readSeen: () => read(KEYS.seen, SeenUntil),
    writeSeen: (seen: { until: string }) => write(KEYS.seen, seen),
    /** Kept over one reload, to say what changed. */
    rememberTierChange: (from: string) => write(KEYS.tierBefore, from),
    takeTierChange(): string | null {
      const from = read(KEYS.tierBefore, z.string().max(16));
      drop(KEYS.tierBefore);
      return from;
    },
    forget() {
      for (const key of Object.values(KEYS)) drop(key);
    },
  };
}
export type Memory = ReturnType<typeof createMemory>;
