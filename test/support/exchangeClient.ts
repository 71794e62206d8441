import path from 'node:path';
import { createBanState } from '../../src/collector/binance/budget/banState.ts';
import { createBinanceClient, type BinanceClient } from '../../src/collector/binance/client.ts';
import { createRequestBudget, type RequestBudget } from '../../src/collector/binance/budget/requestBudget.ts';
import { weightLimits } from '../../src/collector/binance/budget/weightLimits.ts';
import { createOutbound } from '../../src/collector/outbound/outbound.ts';
import { steadyClock } from '../../src/collector/process/steadyClock.ts';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import { silentLogger } from './silentLogger.ts';
import { createTempDir } from './tempDir.ts';

export type ExchangeClient = BinanceClient & {
  close(): Promise<void>;
  budget: RequestBudget;
  stateDir: string;
};

/** A client with its budget, as a collector composes them. */
export function anExchangeClient(options: {
  restUrl: string;
  /** If set, the state that an earlier client stored there is restored. */
  stateDir?: string;
  proxyUrl?: string | null;
  clock?: Clock;
  headers?: Readonly<Record<string, string>>;
}): ExchangeClient {
  const { restUrl, proxyUrl = null, clock = systemClock, headers } = options;
  const ownDir = options.stateDir === undefined ? createTempDir() : null;
  const stateDir = options.stateDir ?? ownDir!.path;
  const banState = createBanState({ file: path.join(stateDir, 'ban.json'), clock, logger: silentLogger });
  const budget = createRequestBudget({
    limits: weightLimits({ budget: 2_000 }),
    clock: steadyClock,
    systemClock: clock,
    banState,
    logger: silentLogger,
  });
  const outbound = createOutbound({});
  const client = createBinanceClient({
    restUrl,
    proxyUrl,
    budget,
    outbound,
    clock,
    ...(headers ? { headers } : {}),
  });
  return {
    ...client,
    budget,
    stateDir,
    async close() {
      budget.close();
      await outbound.close();
      ownDir?.remove();
    },
  };
}
