import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SettingsError } from '../kit/env.ts';

/** What `npm run demo -- --symbols 343 --speed 1 --seed 1` can say. */
export type DemoOptions = {
  /** Symbols in the liquid universe, more or less: some come and go, as they do at the exchange. */
  symbols: number;
  /** How many times as fast as usual the market moves. Clocks, limits and intervals keep the wall's time. */
  speed: number;
  /** The same seed plays the same market. */
  seed: number;
};

const Options = z.object({
  symbols: z.coerce.number().int().min(1).max(530, 'at most 530, as many as the pretend exchange lists'),
  speed: z.coerce.number().min(0.1).max(60),
  seed: z.coerce.number().int().min(0).max(4_294_967_295),
});

export function parseDemoOptions(args: string[]): DemoOptions {
  let values: Record<string, unknown>;
  try {
    values = parseArgs({
      args,
      options: {
        symbols: { type: 'string', default: '343' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
      },
    }).values;
  } catch (thrown) {
    throw new SettingsError(`${(thrown as Error).message}\nOptions: --symbols N, --speed N, --seed N`, {
      cause: thrown,
    });
  }
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  --${issue.path.join('.')}: ${issue.message}`);
  throw new SettingsError(`These options cannot be used:\n${faults.join('\n')}`);
}

/**
 * Where a demo keeps its data: every market has its own history, and one that another market left would show a jump
 * that nobody traded.
 */
export function demoDataDir({ speed, seed }: DemoOptions): string {
  const market = [seed === 1 ? '' : `-seed-${seed}`, speed === 1 ? '' : `-speed-${speed}`];
  return `.data/demo${market.join('')}`;
}
