import { z } from 'zod';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { confirmMethodChanges } from './evaluation.repository.ts';
import { StoredMethodChange } from './rules.types.ts';

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
        schema: z.object({ confirmed: z.array(StoredMethodChange) }),
      },
    },
    handle: async () =>
      json(200, { confirmed: await confirmMethodChanges(ctx.stores.write, ctx.clock.now()) }),
  });
}
