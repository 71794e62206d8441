import { z } from 'zod';
import { parseEnv, wholeNumber } from '../kit/env.ts';
import { logFormat, logLevel } from '../kit/logger.ts';

const SimulatorEnv = z.object({
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: wholeNumber(0, 65_535).default(3_010),
  SIMULATOR_SEED: wholeNumber(0, 2 ** 32 - 1).default(1),
  /** Simulated seconds in a second of the wall clock. */
  SIMULATOR_SPEED: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number such as 1 or 0.5')
    .transform(Number)
    .pipe(z.number().positive('must be above 0').max(3_600, 'must be at most 3600'))
    .default(1),
  /** Where simulated time starts; absent: now. */
  SIMULATOR_START_AT: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-11-20T14:00:00Z' })
    .transform((text) => Date.parse(text))
    .optional(),
  LOG_LEVEL: logLevel().default('warn'),
  LOG_FORMAT: logFormat().default('json'),
});

export function parseSimulatorConfig(env: Readonly<Record<string, string | undefined>>) {
  const settings = parseEnv(SimulatorEnv, env);
  return {
    host: settings.SIMULATOR_HOST,
    port: settings.SIMULATOR_PORT,
    seed: settings.SIMULATOR_SEED,
    speed: settings.SIMULATOR_SPEED,
    /** Epoch ms; `null`: now. */
    startAt: settings.SIMULATOR_START_AT ?? null,
    log: { level: settings.LOG_LEVEL, format: settings.LOG_FORMAT },
  };
}
