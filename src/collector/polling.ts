import path from 'node:path';
import { MINUTE_MS, type Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import { startLoop } from '../kit/loop.ts';
import { COOLDOWN_FILE, parseCooldownFile, type Cooldown } from './alerts/cooldownFile.ts';
import { createRingFiller } from './alerts/fill.ts';
import { createAlertStore } from './alerts/alerts.repository.ts';
import { createAlerts } from './alerts/alerts.ts';
import { MOST_AHEAD_MS } from './binance/mostAhead.ts';
import type { BackfillJob } from './backfill/backfill.ts';
import type { CollectorConfig } from './config.ts';
import type { Spooling } from './spooling.ts';
import type { Exchange, MarkPrices } from './collector.types.ts';
import { readOptionalJsonFile } from './process/fileState.ts';
import { createAttention } from './poller/attention.ts';
import { attentionSchedule } from './poller/schedules.ts';
import { evenSchedule } from './poller/schedules.ts';
import { createPoller, type Poller } from './poller/poller.ts';
import type { UniverseFeed } from './poller/universe.ts';
import type { ServerClient } from './server/client.ts';
import { steadyClock } from './process/steadyClock.ts';

const TIDY_MS = 5 * MINUTE_MS;

/** The poller with what listens to its readings: alerts, attention, and who remembers what was missed. */
export function openPolling(options: {
  config: CollectorConfig;
  exchange: Pick<Exchange, 'openInterest'>;
  requestsPerMin: () => number;
  clockAheadMs: () => number | null;
  markPrices: MarkPrices;
  server: ServerClient;
  spooling: Spooling;
  universe: UniverseFeed;
  /** `null`: gaps stay. */
  backfill: BackfillJob | null;
  onUnknownSymbol: () => void;
  clock: Clock;
  logger: Logger;
  releasers: Releasers;
}): Poller {
  const { config, server, spooling, universe, backfill, clock, logger, releasers } = options;
  const { rules, ...floor } = config.alerts;
  const { store, outbox, sender, drops } = spooling;
  const alertStore = createAlertStore(store);
  const lastTs = alertStore.selectLastTs(clock.now() + MOST_AHEAD_MS);
  const alerts = createAlerts({
    rules,
    floor,
    outbox,
    store: alertStore,
    clock,
    logger,
    cooldowns: readCooldowns(config.stateDir, clock, logger),
  });
  const attention = createAttention({ proximityOf: alerts.proximityOf });
  const mayReadHistory = config.server.historyKey !== null;
  const filler = mayReadHistory ? createRingFiller({ server, alerts, clock, logger }) : null;
  if (filler) releasers.push('ring filler', filler.stop);

  const noteGap: BackfillJob['note'] = (gap) => backfill?.note(gap);
  const poller = createPoller({
    exchange: options.exchange,
    markPrices: options.markPrices,
    universe,
    outbox,
    alerts,
    keepReading: alertStore.insertReading,
    attention,
    policy: config.poll.policy === 'even' ? evenSchedule : attentionSchedule,
    requestsPerMin: options.requestsPerMin,
    clockAheadMs: options.clockAheadMs,
    settings: config.poll,
    lastTs,
    onGap: noteGap,
    onUniverse: (symbols) => filler?.fill(symbols),
    onUnknownSymbol: options.onUnknownSymbol,
    clock: steadyClock,
    systemClock: clock,
    logger,
  });

  /** What was dropped while the server was away is asked for again when it is back, not before. */
  function refillDrops(): void {
    if (sender.isFailing()) return;
    drops.askFor(universe.symbols(), noteGap);
  }

  const tidying = startLoop({
    clock,
    everyMs: TIDY_MS,
    task: async () => {
      alerts.prune();
      refillDrops();
    },
    onError: (err) => logger.warn({ err }, 'the poller could not tidy up'),
  });
  releasers.push('tidying', () => tidying.stop());
  return poller;
}

function readCooldowns(stateDir: string, clock: Clock, logger: Logger): Cooldown[] {
  const json = readOptionalJsonFile(path.join(stateDir, COOLDOWN_FILE));
  if (json === undefined) return [];
  const cooldowns = parseCooldownFile(json, clock.now());
  if (cooldowns) logger.info({ cooldowns: cooldowns.length }, 'cooldowns of the original poller taken over');
  else logger.warn({ file: COOLDOWN_FILE }, 'this is no file of cooldowns, going on without');
  return cooldowns ?? [];
}
