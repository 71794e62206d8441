import { z } from 'zod';

/** The parameters that any endpoint reads. One that is sent twice counts as empty. */
export const EndpointQuery = z.object({
  symbol: z.string().optional().catch(''),
  period: z.string().optional().catch(''),
  limit: z.string().optional().catch(''),
  startTime: z.string().optional().catch(''),
  endTime: z.string().optional().catch(''),
});
export type EndpointQuery = z.output<typeof EndpointQuery>;
