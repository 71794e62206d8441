import { z } from 'zod';
import { viewerOf } from '../../access/access.types.ts';
import { defineRoute, json, privateHeaders, type Reply, type Route } from '../../platform/http/route.ts';
import { SymbolName, cursor } from '../history/query.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { selectFirings } from './firings.repository.ts';
import { createBuiltInRuleRoutes } from './builtInRule.routes.ts';
import { createMethodRoute } from './method.routes.ts';
import { createReplayRoute } from './replay.routes.ts';
import { createReplays } from './replays.ts';
import { selectRules } from './rules.repository.ts';
import { createRule, readRule, removeRule, replaceRule, tagOfRule } from './rules.service.ts';
import { AlertFiring } from './alertFiring.types.ts';
import { AlertRule, AlertRuleInput } from './rules.types.ts';

const BASE = '/api/alert-rules';
const PRIVATE = privateHeaders('no-cache');
const RuleId = z.object({ id: z.uuid('must be the id of a rule') });

/** The alert rules of the signed-in user, and what they fired. */
export function createRulesRoutes(ctx: OpenInterestContext): Route[] {
  return [
    listRoute(ctx),
    createRoute(ctx),
    readRoute(ctx),
    replaceRoute(ctx),
    deleteRoute(ctx),
    firingsRoute(ctx),
    ...createBuiltInRuleRoutes(ctx),
    createMethodRoute(ctx),
    createReplayRoute(
      ctx.stores.read,
      createReplays({ db: ctx.stores.read, url: ctx.stores.url, universe: ctx.universe }),
    ),
  ];
}

function listRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'get',
    path: BASE,
    access: 'viewer',
    operationId: 'listAlertRules',
    summary: 'Your alert rules, oldest first',
    responses: { 200: { description: 'The rules', schema: z.object({ rules: z.array(AlertRule) }) } },
    handle: async ({ principal }) =>
      json(200, { rules: await selectRules(ctx.stores.read, viewerOf(principal).sub) }, PRIVATE),
  });
}

function createRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'post',
    path: BASE,
    access: 'viewer',
    operationId: 'createAlertRule',
    summary: 'Create an alert rule',
    description: 'Pro has 10 rules, Elite 100, Free none.',
    body: AlertRuleInput,
    responses: { 201: { description: 'The rule; its ETag is for PUT', schema: AlertRule } },
    async handle({ principal, body }) {
      return describeRule(201, await createRule(ctx, viewerOf(principal), body));
    },
  });
}

function readRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'get',
    path: `${BASE}/:id`,
    access: 'viewer',
    operationId: 'readAlertRule',
    summary: 'One of your alert rules',
    params: RuleId,
    responses: { 200: { description: 'The rule; its ETag is for PUT', schema: AlertRule } },
    refusals: { 404: 'You have no such rule' },
    async handle({ principal, params }) {
      return describeRule(200, await readRule(ctx, viewerOf(principal), params.id));
    },
  });
}

function replaceRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'put',
    path: `${BASE}/:id`,
    access: 'viewer',
    operationId: 'replaceAlertRule',
    summary: 'Replace an alert rule that you have read',
    description:
      'The header If-Match names the version that you have read, as its ETag. The rule is armed again for every symbol.',
    params: RuleId,
    body: AlertRuleInput,
    responses: { 200: { description: 'The rule with its new version', schema: AlertRule } },
    refusals: {
      404: 'You have no such rule',
      412: 'The rule was changed since it was read',
      428: 'If-Match is missing',
    },
    async handle({ principal, params, body, request }) {
      const change = { id: params.id, ifMatch: request.headers['if-match'], input: body };
      return describeRule(200, await replaceRule(ctx, viewerOf(principal), change));
    },
  });
}

function deleteRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'delete',
    path: `${BASE}/:id`,
    access: 'viewer',
    operationId: 'deleteAlertRule',
    summary: 'Delete an alert rule; what it fired stays listed',
    params: RuleId,
    responses: { 204: { description: 'Deleted' } },
    refusals: { 404: 'You have no such rule' },
    async handle({ principal, params }) {
      await removeRule(ctx, viewerOf(principal), params.id);
      return { status: 204 };
    },
  });
}

function firingsRoute(ctx: OpenInterestContext): Route {
  return defineRoute({
    method: 'get',
    path: '/api/alert-firings',
    access: 'viewer',
    operationId: 'listAlertFirings',
    summary: 'What your alert rules fired, newest first',
    query: z.object({
      ruleId: z.uuid().optional(),
      symbol: SymbolName.optional(),
      before: cursor('id', z.uuid())
        .optional()
        .meta({ description: 'Only firings before this one; use nextBefore' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    responses: {
      200: {
        description: 'Firings with their evidence',
        schema: z.object({ firings: z.array(AlertFiring), nextBefore: z.string().nullable() }),
      },
    },
    async handle({ principal, query: { ruleId = null, symbol = null, before = null, limit } }) {
      const userId = viewerOf(principal).sub;
      const firings = await selectFirings(ctx.stores.read, { userId, ruleId, symbol, before, limit });
      const last = firings.at(-1);
      const nextBefore = last && firings.length === limit ? `${last.firedAt},${last.id}` : null;
      return json(200, { firings, nextBefore }, PRIVATE);
    },
  });
}

function describeRule(status: 200 | 201, rule: AlertRule): Reply {
  return json(status, rule, { ...PRIVATE, ETag: tagOfRule(rule) });
}
