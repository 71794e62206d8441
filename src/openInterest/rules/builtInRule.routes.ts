import { viewerOf } from '../../access/access.types.ts';
import { AppError } from '../../kit/errors.ts';
import { readIfMatch } from '../../platform/http/entityTag.ts';
import { defineRoute, json, privateHeaders, type Reply, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { replaceOptionalBuiltInRule, selectBuiltInRule } from './builtInRule.repository.ts';
import { BuiltInRule, BuiltInRuleInput } from './builtInRule.types.ts';
import { readPlainRule, requireRules, withSymbols } from './rules.service.ts';

const PATH = '/api/built-in-rule';
const PRIVATE = privateHeaders('no-cache');

/** The rule that sends the collector's own alerts to the channels of the signed-in user. */
export function createBuiltInRuleRoutes({ stores }: Pick<OpenInterestContext, 'stores'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      access: 'viewer',
      operationId: 'readBuiltInRule',
      summary: 'Which spike and dump alerts of the collector your channels receive',
      responses: { 200: { description: 'The rule; its ETag is for PUT', schema: BuiltInRule } },
      async handle({ principal }) {
        const user = viewerOf(principal);
        requireRules(user);
        return describe(await selectBuiltInRule(stores.read, user.sub));
      },
    }),
    defineRoute({
      method: 'put',
      path: PATH,
      access: 'viewer',
      operationId: 'replaceBuiltInRule',
      summary: 'Choose which spike and dump alerts of the collector your channels receive',
      description:
        'The header If-Match names the version that you have read, as its ETag: "0" before the first. The rule does not count among the rules of your tier. Alerts that arrive more than 15 minutes late, or while a change of the source’s method waits for its confirmation, are not sent.',
      body: BuiltInRuleInput,
      responses: { 200: { description: 'The rule with its new version', schema: BuiltInRule } },
      refusals: { 412: 'The rule was changed since it was read', 428: 'If-Match is missing' },
      async handle({ principal, body, request }) {
        const user = viewerOf(principal);
        requireRules(user);
        const version = readIfMatch(request.headers['if-match'], 'the rule');
        const rule = withSymbols(body.rule);
        if (rule.enabled) await readPlainRule(stores.write, user.sub, rule);
        const replaced = await replaceOptionalBuiltInRule(stores.write, user.sub, {
          version,
          input: { rule },
        });
        if (replaced) return describe(replaced);
        const message = `The rule was changed since you read version ${version}: read it again and repeat your change`;
        throw new AppError(412, 'built_in_rule_changed', message);
      },
    }),
  ];
}

function describe(rule: BuiltInRule): Reply {
  return json(200, rule, { ...PRIVATE, ETag: `"${rule.version}"` });
}
