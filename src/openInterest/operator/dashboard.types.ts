import { z } from 'zod';
import { plainText } from '../../kit/plainText.shared.ts';

/** The change at which a detector raises an alert. `pctChange` is a fraction, in either direction. */
export const ReportedAlertRule = z.object({
  timeframe: plainText(32).min(1),
  pctChange: z.number().positive().max(1e9),
});
export type ReportedAlertRule = z.infer<typeof ReportedAlertRule>;

/** The placeholder of the symbol in `SYMBOL_LINK_TEMPLATE`. */
export const SYMBOL_PLACE = '{symbol}';

/** Facts about this server that the pages show beside its data. */
export const DashboardFacts = z.object({
  /** Since when this node runs, epoch ms. */
  startedAt: z.number(),
  /** Where a plan is upgraded; `null`: no link. */
  upgradeUrl: z.string().nullable(),
  /** Address of a symbol's page at the exchange, with `{symbol}` where its name belongs; `null`: no link. */
  symbolLinkTemplate: z.string().nullable(),
  /** As the collector that is heard of last reports them; empty: none does. */
  alertRules: z.array(ReportedAlertRule),
});
export type DashboardFacts = z.infer<typeof DashboardFacts>;

export type DashboardLinks = Pick<DashboardFacts, 'upgradeUrl' | 'symbolLinkTemplate'>;
