import { z } from 'zod';
import { ExplainedError } from './errors.ts';
import { readSecretFiles } from './secretFiles.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Invalid settings; the message lists all faults at once. */
export class SettingsError extends ExplainedError {
  override readonly name = 'SettingsError';
}

/**
 * Parses settings from `env` and from the files that `NAME_FILE` names for a setting of `secrets`. An empty value counts as
 * absent, as in `.env.example`, which lists optional settings without a value.
 */
export function parseEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Environment,
  secrets: readonly string[] = [],
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const files = readSecretFiles(given, secrets);
  const parsed = schema.safeParse({ ...given, ...files.values });
  if (parsed.success && files.faults.size === 0) return parsed.data;
  const faults = [...files.faults].map(([name, fault]) => `  ${name}_FILE: ${fault}`);
  for (const issue of parsed.error?.issues ?? []) {
    // The fault of the file is listed already.
    if (files.faults.has(String(issue.path[0]))) continue;
    faults.push(`  ${issue.path.join('.') || 'settings'}: ${issue.message}`);
  }
  throw new SettingsError(
    `These settings cannot be used:\n${faults.join('\n')}\nSee .env.example for every setting.`,
  );
}

/** A whole number. An invalid value is a fault and never becomes the default. */
export function wholeNumber(min: number, max: number): z.ZodType<number, unknown> {
  return z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(
      z
        .number(`must be at most ${max}`)
        .min(min, `must be at least ${min}`)
        .max(max, `must be at most ${max}`),
    );
}

/** A switch: true, false, 1 or 0. */
export function onOff(): z.ZodType<boolean, unknown> {
  return z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .transform((value) => value === 'true' || value === '1');
}

/** A comma-separated list; blanks around the commas are ignored. */
export function commaList(): z.ZodType<string[], unknown> {
  return z.string().transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
}

/** A comma-separated list of origins. */
export function originList(): z.ZodType<string[], unknown> {
  return commaList().refine(
    (list) => list.every(isCanonicalOrigin),
    'must be origins like https://example.com, without * or path',
  );
}

/** Whether an origin is spelled as in a browser's Origin header: `https://host` or `https://host:port`. */
export function isCanonicalOrigin(value: string): boolean {
  // URL accepts `*` as a host name; in a setting it would look like a wildcard and match nothing.
  if (!/^https?:\/\/[^*]+$/.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}
