import { z } from 'zod';

/** Settings that cannot be used; the message lists every fault at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads settings from an environment: a pure function of `env`, so tests call it with literals. An empty value
 * counts as absent (`.env.example` lists optional settings without one).
 */
export function parseEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${issue.path.join('.') || 'settings'}: ${issue.message}`,
  );
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
