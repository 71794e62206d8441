import path from 'node:path';
import { MINUTE_MS } from '../kit/clock.ts';
import { every } from '../kit/loop.ts';
import { createAlertStore, type AlertStore } from './alerts/alerts.repository.ts';
import { createAlerts } from './alerts/alerts.ts';
import { COOLDOWN_FILE, parseCooldownFile, type Cooldown } from './alerts/cooldownFile.ts';
import { createRingFiller } from './alerts/fill.ts';
import type { BackfillJob } from './backfill/backfill.ts';
import { MOST_AHEAD_MS } from '../openInterest/ingest/ingest.types.ts';
import type { CollectorContext } from './collector.context.ts';
import { createAttention } from './poller/attention.ts';
import type { PollerOptions } from './poller/context.ts';
import { createPoller, type Poller } from './poller/poller.ts';
import { attentionSchedule, evenSchedule } from './poller/schedules.ts';
import { readOptionalJsonFile } from './process/fileState.ts';
import { steadyClock } from './process/steadyClock.ts';
import type { ServerClient } from './server/client.ts';
import type { Spooling } from './spooling.ts';

const TIDY_MS = 5 * MINUTE_MS;

type PollingParts = Pick<
  PollerOptions,
  'exchange' | 'markPrices' | 'universe' | 'requestsPerMin' | 'clockAheadMs' | 'onUnknownSymbol'
> & {
  server: ServerClient;
  spooling: Spooling;
  /** `null`: gaps stay. */
  backfill: BackfillJob | null;
};

/** The poller with everything that uses its readings: alerts, attention, and the gaps that it finds. */
export function openPolling(context: CollectorContext, parts: PollingParts): Poller {
  const { config, clock } = context;
  const { spooling, universe, backfill } = parts;
  const { store, outbox, sender, drops } = spooling;
  const alertStore = createAlertStore(store);
  const lastTs = alertStore.selectLastTs(clock.now() + MOST_AHEAD_MS);
  const alerts = openAlerts(context, alertStore, outbox);
  const filler = openFiller(context, parts.server, alerts);
  const noteGap: BackfillJob['note'] = (gap) => backfill?.note(gap);
  every(context, 'alert pruning', TIDY_MS, () => {
    alerts.prune();
    // Dropped samples become gaps once the server is back, not before.
    if (!sender.isFailing()) drops.askFor(universe.symbols(), noteGap);
  });
  return createPoller({
    ...context,
    ...parts,
    outbox,
    alerts,
    keepReading: alertStore.insertReading,
    attention: createAttention({ proximityOf: alerts.proximityOf }),
    policy: config.poll.policy === 'even' ? evenSchedule : attentionSchedule,
    settings: config.poll,
    lastTs,
    onGap: noteGap,
    onUniverse: (symbols) => filler?.fill(symbols),
    clock: steadyClock,
    systemClock: clock,
  });
}

function openAlerts(context: CollectorContext, store: AlertStore, outbox: Spooling['outbox']) {
  const { rules, ...floor } = context.config.alerts;
  return createAlerts({ ...context, rules, floor, outbox, store, cooldowns: readCooldowns(context) });
}

function openFiller(context: CollectorContext, server: ServerClient, alerts: ReturnType<typeof openAlerts>) {
  if (context.config.server.historyKey === null) return null;
  const filler = createRingFiller({ ...context, server, alerts });
  context.releasers.push('ring filler', filler.stop);
  return filler;
}

function readCooldowns({ config, clock, logger }: CollectorContext): Cooldown[] {
  const json = readOptionalJsonFile(path.join(config.stateDir, COOLDOWN_FILE));
  if (json === undefined) return [];
  const cooldowns = parseCooldownFile(json, clock.now());
  if (cooldowns) logger.info({ cooldowns: cooldowns.length }, 'read cooldowns of the original poller');
  else logger.warn({ file: COOLDOWN_FILE }, 'ignored malformed cooldown file');
  return cooldowns ?? [];
}
