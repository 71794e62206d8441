import { z } from 'zod';
import * as access from '../access/access.types.ts';
import * as after from '../openInterest/alerts/after.types.ts';
import * as dayTotal from '../openInterest/board/dayTotal.types.ts';
import * as frames from '../openInterest/board/frames.types.ts';
import * as usual from '../openInterest/board/usual.types.ts';
import * as channel from '../openInterest/delivery/channel.types.ts';
import * as firing from '../openInterest/delivery/firing.types.ts';
import * as history from '../openInterest/history/history.types.ts';
import * as ingest from '../openInterest/ingest/ingest.types.ts';
import * as openInterest from '../openInterest/openInterest.types.ts';
import * as heartbeat from '../openInterest/operator/collectors/heartbeat.types.ts';
import * as dashboard from '../openInterest/operator/dashboard.types.ts';
import * as debug from '../openInterest/operator/debug/debug.types.ts';
import * as positioning from '../openInterest/positioning/positioning.types.ts';
import * as rules from '../openInterest/rules/rules.types.ts';
import * as universe from '../openInterest/universe/universe.types.ts';
import * as views from '../openInterest/views/views.types.ts';
import * as watchlists from '../openInterest/views/watchlists.types.ts';
import * as sockets from '../sockets/sockets.types.ts';

/**
 * Wire types are named in the document as in the code; other schemas are inlined. So is `AlertRuleInput`, which differs between
 * requests and answers: only answers always have every member.
 */
const NAMES = z.registry<{ id: string }>();
for (const types of [
  access,
  after,
  dayTotal,
  frames,
  usual,
  channel,
  firing,
  history,
  ingest,
  openInterest,
  heartbeat,
  dashboard,
  debug,
  positioning,
  rules,
  universe,
  views,
  watchlists,
  sockets,
]) {
  for (const [id, schema] of Object.entries(types))
    if (schema instanceof z.ZodType && schema !== rules.AlertRuleInput) NAMES.add(schema, { id });
}

type JsonSchema = Record<string, unknown>;

export type SchemaBook = ReturnType<typeof createSchemaBook>;

/** Collects the schemas that a document refers to: JSON Schema 2020-12 for OpenAPI 3.1, draft 7 for AsyncAPI 3. */
export function createSchemaBook(target: 'draft-2020-12' | 'draft-7') {
  const components = new Map<string, JsonSchema>();

  /** Input and output of one type may differ in unknown keys and defaults; the input is then named `…Input`. */
  function keep(name: string, schema: JsonSchema, io: 'input' | 'output'): string {
    const before = components.get(name);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(schema)) {
      if (io === 'input' && !name.endsWith('Input')) return keep(`${name}Input`, schema, io);
      throw new Error(`Two schemas of the API document are named ${name}; rename one of them`);
    }
    components.set(name, schema);
    return name;
  }

  return {
    /** Returns a reference to the schema of a body, named `fallback` unless it is a wire type. */
    refer(schema: z.ZodType, io: 'input' | 'output', fallback: string): JsonSchema {
      const documented = (schema.meta()?.['documentAs'] as z.ZodType | undefined) ?? schema;
      const { $defs, definitions, ...body } = toJsonSchema(documented, io, {
        names: NAMES,
        target,
      }) as JsonSchema & {
        $defs?: Record<string, JsonSchema>;
        definitions?: Record<string, JsonSchema>;
      };
      const renamed = new Map<string, string>();
      const isSettled = (it: JsonSchema) => referencesIn(it).every((name) => renamed.has(name));
      const pending = new Map(Object.entries($defs ?? definitions ?? {}));
      // Bottom-up, so that a renamed schema is renamed in all references.
      while (pending.size > 0) {
        const next = [...pending].find(([, it]) => isSettled(it));
        if (!next) throw new Error(`Schemas with circular references: ${[...pending.keys()].join(', ')}`);
        const [name, definition] = next;
        pending.delete(name);
        renamed.set(name, keep(name, pointAt(definition, renamed), io));
      }
      // A named schema is one of the definitions, and the body refers to it.
      const settled = pointAt(body, renamed);
      return '$ref' in settled ? settled : { $ref: `#/components/schemas/${keep(fallback, settled, io)}` };
    },
    /** All schemas by name. */
    components: (): Record<string, JsonSchema> =>
      Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Inlines everything by default, as for parameters. */
export function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  {
    names = z.registry<{ id: string }>(),
    target = 'draft-2020-12',
  }: { names?: typeof NAMES; target?: 'draft-2020-12' | 'draft-7' } = {},
): JsonSchema {
  const { $schema: _, ...body } = z.toJSONSchema(schema, {
    io,
    target,
    unrepresentable: 'any',
    metadata: names,
  });
  return body;
}

const REFERENCE = /"\$ref":"#\/(?:\$defs|definitions)\/([^"]+)"/g;

function referencesIn(schema: JsonSchema): string[] {
  return Array.from(JSON.stringify(schema).matchAll(REFERENCE), (match) => match[1]!);
}

function pointAt(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const text = JSON.stringify(schema).replaceAll(
    REFERENCE,
    (_match, name: string) => `"$ref":"#/components/schemas/${names.get(name)!}"`,
  );
  return JSON.parse(text) as JsonSchema;
}
