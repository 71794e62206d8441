import path from 'node:path';
import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import { createBanState } from './binance/budget/banState.ts';
import { createBinanceClient } from './binance/client.ts';
import { createRequestBudget } from './binance/budget/requestBudget.ts';
import { weightLimits } from './binance/budget/weightLimits.ts';
import type { CollectorConfig } from './config.ts';
import type { Outbound } from './outbound/outbound.ts';
import { steadyClock } from './process/steadyClock.ts';

const BAN_FILE = 'exchange-ban.json';

/** The exchange behind one budget: everything that this process asks of it goes through here. */
export function openExchange(options: {
  config: CollectorConfig;
  outbound: Outbound;
  clock: Clock;
  logger: Logger;
  releasers: Releasers;
}) {
  const { config, outbound, clock, logger, releasers } = options;
  const file = path.join(config.stateDir, BAN_FILE);
  const budget = createRequestBudget({
    limits: weightLimits({ budget: config.maxRequestsPerMin }),
    clock: steadyClock,
    systemClock: clock,
    banState: createBanState({ file, clock, logger }),
    logger,
  });
  releasers.push('request budget', budget.close);
  const { restUrl, proxyUrl } = config.exchange;
  const client = createBinanceClient({ restUrl, proxyUrl, budget, outbound, clock });
  return { budget, client };
}
