import { z } from 'zod';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { confirmMethodChanges } from './evaluation.repository.ts';

const MethodChangeBody = z.object({
  factor: z.number(),
  /** How many symbols moved by the factor, of how many that were read in the same round. */
  symbols: z.number(),
  ofSymbols: z.number(),
  detectedAt: z.number(),
  /** Rules compare with no sample before this moment. */
  validFrom: z.number(),
  confirmedAt: z.number().nullable(),
});

/** For operators: rules do not fire while a change of the source's method waits for its confirmation. */
export function createMethodRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'post',
    path: '/api/alert-rules/method-changes/confirm',
    access: 'operator',
    operationId: 'confirmMethodChanges',
    summary: 'Confirm that the source changed its unit or method, so that alert rules fire again',
    description: 'Within 3 s rules fire again, and compare with no sample from before the change.',
    responses: {
      200: {
        description: 'The changes that were waiting',
        schema: z.object({ confirmed: z.array(MethodChangeBody) }),
      },
    },
    handle: async () =>
      json(200, { confirmed: await confirmMethodChanges(ctx.stores.write, ctx.clock.now()) }),
  });
}
