import { z } from 'zod';
import { COLUMN_KEYS } from '../board/columns.ts';
import { WINDOWS } from '../board/quadrant.ts';

export const LEAST_DRAWER_WIDTH = 400;
export const MOST_DRAWER_WIDTH = 1_000;

/** What a browser remembers between visits. Unreadable values are discarded. */
export const Settings = z.object({
  theme: z.enum(['dark', 'light', 'system']).default('dark'),
  /** Blue and orange differ for every kind of colour vision; green and red do not. */
  palette: z.enum(['safe', 'classic']).default('safe'),
  motion: z.enum(['system', 'off']).default('system'),
  zone: z.enum(['local', 'utc']).default('local'),
  density: z.enum(['normal', 'compact']).default('normal'),
  shortcuts: z.boolean().default(true),
  /** The meaning of the columns was shown and closed. */
  introduced: z.boolean().default(false),
  /** Alerts beside the table. */
  rail: z.boolean().default(true),
  /** Of the details beside the table, in pixels. */
  drawerWidth: z.number().int().min(LEAST_DRAWER_WIDTH).max(MOST_DRAWER_WIDTH).default(560),
  columns: z.array(z.enum(COLUMN_KEYS)).nullable().default(null),
  /** Used where the address names none. */
  unit: z.enum(['contracts', 'usd']).default('contracts'),
  window: z.enum(WINDOWS).default('1h'),
  sound: z
    .object({ on: z.boolean(), volume: z.number().int().min(0).max(100), up: z.boolean(), down: z.boolean() })
    .default({ on: false, volume: 40, up: true, down: true }),
  notify: z.enum(['off', 'favourites', 'all']).default('off'),
  /** Of the alerts beside the table; the size is the change in USD. */
  alertFilter: z
    .object({
      favourites: z.boolean(),
      /** Of the viewer's rules alone. */
      own: z.boolean().default(false),
      direction: z.enum(['any', 'UP', 'DOWN']),
      timeframe: z.string().nullable(),
      minUsd: z.number().nullable(),
    })
    .default({ favourites: false, own: false, direction: 'any', timeframe: null, minUsd: null }),
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

/** The part of `localStorage` in use. A browser may have none, or refuse to write. */
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
      // Full or forbidden: the value is kept until the page is closed.
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
    read,
    write,
    readSettings: () => read(KEYS.settings, Settings) ?? DEFAULT_SETTINGS,
    writeSettings: (settings: Settings) => write(KEYS.settings, settings),
    readFavourites: () => new Set(read(KEYS.favourites, Favourites) ?? []),
    writeFavourites: (symbols: ReadonlySet<string>) => write(KEYS.favourites, [...symbols]),
    /** Calls `listener` when another tab has changed the favourites. */
    onFavourites(listener: () => void) {
      globalThis.addEventListener?.('storage', ({ key }) => key === KEYS.favourites && listener());
    },
    /** `null` on the first visit: alerts from before it are not news. */
    readSeen: () => read(KEYS.seen, SeenUntil),
    writeSeen: (seen: { until: string }) => write(KEYS.seen, seen),
    /** Survives one reload, so that the page can say what changed. */
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

/** The memory of this browser. Reading the property throws where storage is forbidden. */
export function openMemory(): Memory {
  try {
    return createMemory(window.localStorage);
  } catch {
    return createMemory(null);
  }
}
