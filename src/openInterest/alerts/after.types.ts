import { z } from 'zod';

/** How many minutes after an alert its symbol is looked at again. */
export const AFTER_MINUTES = [5, 15, 60] as const;

/** What followed an alert, from its own sample on: fractions, 0.034 is +3.4 %; `null` is unknown. */
export const AlertAfter = z.object({
  minutes: z.number(),
  /** Of contracts. */
  oiChange: z.number().nullable(),
  /** Of the mark price. */
  priceChange: z.number().nullable(),
});
export type AlertAfter = z.infer<typeof AlertAfter>;

/** One entry for each of 5, 15 and 60 minutes that have passed; empty at first. */
export const AlertAfters = z.array(AlertAfter).default([]);
