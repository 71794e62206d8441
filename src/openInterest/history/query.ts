import { z } from 'zod';
import { SYMBOL_WORDS, normaliseSymbol } from '../ingest/parse.ts';

/** Query parameters that several routes take. */

/** Any spelling of a symbol that ingest accepts; parses to the normalised one. */
export const SymbolName = z.string().transform((raw, context) => {
  const symbol = normaliseSymbol(raw);
  if (symbol !== null) return symbol;
  context.addIssue(SYMBOL_WORDS);
  return z.NEVER;
});

const IsoTime = z.union([
  z.iso.datetime({ offset: true, local: true }),
  z.iso.datetime({ offset: true, local: true, precision: -1 }),
  z.iso.date(),
]);
/** The years that Postgres and JavaScript write alike. */
const [EARLIEST, LATEST] = [Date.UTC(1970, 0), Date.UTC(9999, 11, 31)];

/** ISO 8601 or epoch ms. A time without a zone is read as UTC, as the original's scripts mean it. */
export const Time = z.string().transform((raw, context) => {
  const epochMs = /^\d{1,15}$/.test(raw) ? Number(raw) : parseIsoTime(raw);
  if (epochMs >= EARLIEST && epochMs <= LATEST) return epochMs;
  context.addIssue('Invalid timestamp format: must be ISO 8601 or epoch ms');
  return z.NEVER;
});

function parseIsoTime(given: string): number {
  // People write a blank between date and time, and a plus that was not encoded arrives as one.
  const raw = given.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, '$1T').replace(/ (?=\d\d:\d\d$)/, '+');
  // Date.parse alone accepts too much: "-1Z" is 2001 and 30 February is 2 March.
  if (!IsoTime.safeParse(raw).success) return NaN;
  const isZoned = !raw.includes('T') || /(Z|[+-]\d\d:\d\d)$/.test(raw);
  return Date.parse(isZoned ? raw : `${raw}Z`);
}

/**
 * A place in a list, newest first: `TIME,KEY` as `nextBefore` gives it, where the key distinguishes entries of one moment. If
 * the key may be `null`, a time alone is a place as well.
 */
export function cursor<Name extends string, Key>(name: Name, key: z.ZodType<Key>) {
  const expected = `${key.safeParse(null).success ? 'a time (ISO 8601 or epoch ms), or ' : ''}nextBefore of an earlier answer`;
  return z.string().transform((raw, context) => {
    const [time = '', given = null, ...rest] = raw.split(',');
    const ts = Time.safeParse(time);
    const parsed = key.safeParse(given);
    if (ts.success && parsed.success && rest.length === 0) {
      return { ts: new Date(ts.data), [name]: parsed.data } as { ts: Date } & Record<Name, Key>;
    }
    context.addIssue(`must be ${expected}`);
    return z.NEVER;
  });
}
