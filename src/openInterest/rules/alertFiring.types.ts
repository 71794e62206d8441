import { z } from 'zod';
import { AlertAfters } from '../alerts/after.types.ts';
import { FiringEvidence, FiringWindow } from '../delivery/firing.types.ts';

/** A rule of the user fired for a symbol. Apart from the rules: every client of the socket reads it. */
export const AlertFiring = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleVersion: z.number(),
  ruleName: z.string(),
  symbol: z.string(),
  window: FiringWindow,
  direction: z.enum(['up', 'down']),
  /** The time of the sample that fired. */
  firedAt: z.number(),
  /** In quiet hours, so that channels get it when they end. */
  quiet: z.boolean(),
  evidence: FiringEvidence,
  after: AlertAfters,
});
export type AlertFiring = z.infer<typeof AlertFiring>;
