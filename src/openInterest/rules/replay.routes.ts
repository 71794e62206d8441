import { z } from 'zod';
import { viewerOf } from '../../access/access.types.ts';
import { DAY_MS } from '../../kit/clock.ts';
import { invalidBody } from '../../kit/errors.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { Replays } from './replays.ts';
import { readPlainRule, requireRules } from './rules.service.ts';
import { AlertRuleInput, type ReplayLine } from './rules.types.ts';

const MOST_DAYS = 31;

/** What a rule would have fired, before it is saved. */
export function createReplayRoute(db: Queryable, replays: Replays): Route {
  return defineRoute({
    method: 'post',
    path: '/api/alert-rules/replay',
    access: 'viewer',
    operationId: 'replayAlertRule',
    summary: 'What a rule would have fired in [from, to), by the same evaluation over stored samples',
    description:
      'NDJSON: lines of type `progress`, `firing` and `heldBack` (a crossing that the cooldown held back), symbol by symbol, and ' +
      'one `summary` at the end; an answer without it was cut off. Volumes are those of today, readings and unusual scores those of then. One at a time a user; it ends when the connection is closed. At most 31 days.',
    body: z.strictObject({
      rule: AlertRuleInput,
      from: z.number().int().min(0).meta({ description: 'Epoch ms.' }),
      to: z.number().int().min(0).max(8e15).meta({ description: 'Epoch ms, itself excluded.' }),
    }),
    responses: { 200: { description: 'Lines of JSON', contentType: 'application/x-ndjson' } },
    refusals: { 409: 'A replay of the same user is running' },
    async handle({ principal, body: { rule, from, to } }) {
      const user = viewerOf(principal);
      requireRules(user);
      if (to <= from || to - from > MOST_DAYS * DAY_MS) {
        const message = `must be later than from, by at most ${MOST_DAYS} days`;
        throw invalidBody([{ path: 'to', message }]);
      }
      const lines = replays.run(user.sub, { rule: await readPlainRule(db, user.sub, rule), from, to });
      return {
        status: 200,
        // Compression would hold the progress back.
        headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store, no-transform' },
        chunks: encodeLines(lines),
      };
    },
  });
}

async function* encodeLines(lines: AsyncGenerator<ReplayLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
