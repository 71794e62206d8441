import { defineRoute, json, type Route } from '../platform/http/route.ts';
import type { AccessChanges } from './changes.ts';
import { AccessChange, AccessChangeInput } from './access.types.ts';

/** The account service's way to change the access of tokens that are already issued. */
export function createAccessChangesRoutes(deps: { changes: Pick<AccessChanges, 'record'> }): Route[] {
  const { changes } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/api/access/changes',
      access: 'operator',
      operationId: 'changeAccess',
      summary: 'Change the tier of a subject, or revoke it',
      description:
        'Applies to tokens of the subject issued before the change, and closes its sockets on every node: within seconds, ' +
        'or within a minute if the bus between nodes is down. Sending it again is safe.',
      body: AccessChangeInput,
      responses: { 200: { description: 'The change as stored', schema: AccessChange } },
      async handle({ body }) {
        return json(200, await changes.record(body));
      },
    }),
  ];
}
