import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SettingsError } from '../kit/env.ts';

/** What `npm run demo -- --symbols 343 --seed 1` can say. */
export type DemoOptions = {
  /** Symbols of the pretend universe. */
  symbols: number;
  /** The same seed plays the same market. */
  seed: number;
};

const Options = z.object({
  symbols: z.coerce.number().int().min(1).max(530, 'at most 530, as many as the pretend exchange lists'),
  seed: z.coerce.number().int().min(0).max(4_294_967_295),
});

export function parseDemoOptions(args: string[]): DemoOptions {
  let values: Record<string, unknown>;
  try {
    values = parseArgs({
      args,
      options: {
        symbols: { type: 'string', default: '343' },
        seed: { type: 'string', default: '1' },
      },
    }).values;
  } catch (thrown) {
    throw new SettingsError(`${(thrown as Error).message}\nOptions: --symbols N, --seed N`, {
      cause: thrown,
    });
  }
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  --${issue.path.join('.')}: ${issue.message}`);
  throw new SettingsError(`These options cannot be used:\n${faults.join('\n')}`);
}
