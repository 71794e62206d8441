import { z } from 'zod';
import { ExplainedError } from './errors.ts';
import { readSecretFiles } from './secretFiles.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used; the message lists every fault at once. */
export class SettingsError extends ExplainedError {
  override readonly name = 'SettingsError';
}

/**
 * Reads settings from an environment: a pure function of `env`, so tests call it with literals, but for the files that
 * `NAME_FILE` names for a setting of `secrets`. An empty value counts as absent (`.env.example` lists optional settings
 * without one).
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
    // A secret whose file is at fault is not missing as well.
    if (files.faults.has(String(issue.path[0]))) continue;
    faults.push(`  ${issue.path.join('.') || 'settings'}: ${issue.message}`);
  }
  throw new SettingsError(
    `These settings cannot be used:\n${faults.join('\n')}\nSee .env.example for every setting.`,
  );
}

/** A whole number in a setting. Garbage is a fault, never the default. */
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

/** A switch in a setting: true, false, 1 or 0. */
export function onOff(): z.ZodType<boolean, unknown> {
  return z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .transform((value) => value === 'true' || value === '1');
}

/** A comma list in a setting; blanks around the commas do not count. */
export function commaList(): z.ZodType<string[], unknown> {
  return z.string().transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
}
