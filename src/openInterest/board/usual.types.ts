import { z } from 'zod';

/**
 * How a symbol has moved in its last days, in basis points an hour: the median of its changes of contracts, their median
 * distance from it, and the median distance of its changes of price from theirs (`null` without prices).
 */
export const UsualChanges = z.tuple([z.number(), z.number(), z.number().nullable()]);
export type UsualChanges = z.infer<typeof UsualChanges>;
