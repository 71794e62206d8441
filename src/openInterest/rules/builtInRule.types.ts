import { z } from 'zod';
import { AlertRuleInput } from './rules.types.ts';

/** The wire contract of the rule that sends the collector's own alerts to channels. */

/** How it is named where rules are: in deliveries and on the page. */
export const BUILT_IN = { ruleId: 'built-in', ruleName: 'Spikes and dumps' };

/** Which of the collector's spike and dump alerts are sent to which channels. Their thresholds are the collector's. */
const BuiltInRuleFields = AlertRuleInput.pick({ symbols: true, quietHours: true, channelIds: true }).extend({
  enabled: z.boolean(),
  direction: AlertRuleInput.shape.direction.default('both'),
});

export const BuiltInRuleInput = z.strictObject({ rule: BuiltInRuleFields });
export type BuiltInRuleInput = z.infer<typeof BuiltInRuleInput>;

export const BuiltInRule = z.object({
  rule: BuiltInRuleFields,
  /** Grows with each change; 0: the rule was never saved, and sends nothing. It is the entity tag, in quotes. */
  version: z.number(),
});
export type BuiltInRule = z.infer<typeof BuiltInRule>;
