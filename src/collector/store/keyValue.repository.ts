import type { z } from 'zod';
import type { Store } from './sqlite.ts';

export type KeyValue = ReturnType<typeof createKeyValue>;

/** Single JSON values that survive a restart, by name (table `keepsake`). */
export function createKeyValue(store: Store) {
  const select = store.prepare<[string], { json: string }>('select json from keepsake where name = ?');
  const upsert = store.prepare<[string, string]>(
    'insert into keepsake (name, json) values (?, ?) on conflict (name) do update set json = excluded.json',
  );
  return {
    /** `null`: there is none, or it does not match the schema. */
    selectOptional<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | null {
      const row = select.get(name);
      return row ? (schema.safeParse(JSON.parse(row.json)).data ?? null) : null;
    },
    put: (name: string, value: unknown) => upsert.run(name, JSON.stringify(value)),
  };
}
