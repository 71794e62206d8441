import path from 'node:path';
import { createBanState } from './binance/budget/banState.ts';
import { createRequestBudget } from './binance/budget/requestBudget.ts';
import { weightLimits } from './binance/budget/weightLimits.ts';
import { createBinanceClient } from './binance/client.ts';
import type { CollectorContext } from './collector.context.ts';
import { steadyClock } from './process/steadyClock.ts';

const BAN_FILE = 'exchange-ban.json';

/** The exchange behind one budget, which counts every request of this process. */
export function openExchange(context: CollectorContext) {
  const { config, clock, releasers } = context;
  const file = path.join(config.stateDir, BAN_FILE);
  const budget = createRequestBudget({
    ...context,
    limits: weightLimits({ budget: config.maxRequestsPerMin }),
    clock: steadyClock,
    systemClock: clock,
    banState: createBanState({ ...context, file }),
  });
  releasers.push('request budget', budget.close);
  return { budget, client: createBinanceClient({ ...context, ...config.exchange, budget }) };
}
