import { EXCHANGE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { createReleasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { readVersion } from '../kit/version.ts';
import { createGaps } from './backfill/gaps.repository.ts';
import { createBackfillJob } from './backfill/backfill.ts';
import { reportBlocked } from './heartbeat/blocked.ts';
import type { CollectorConfig } from './config.ts';
import { openExchange } from './exchange.ts';
import type { Job } from './job.types.ts';
import { DEFAULT_JOBS, postsAnything, type JobName } from './jobs.ts';
import { openPolling } from './polling.ts';
import { openSpooling } from './spooling.ts';
import { createHeartbeat, type CollectorFacts, type Heartbeat } from './heartbeat/heartbeat.ts';
import { createLiquidUniverseJob, type LiquidUniverseJob } from './liquidUniverse/liquidUniverse.ts';
import { createFundingApiJob } from './markPrices/fundingApi.job.ts';
import { createMarkPricesJob, type MarkPricesJob } from './markPrices/markPrices.ts';
import { createCollectorRegistry } from './metrics/metrics.ts';
import { createMetricsListener } from './metrics/metricsListener.ts';
import { createOutbound, type Outbound } from './outbound/outbound.ts';
import { createUniverseFeed } from './poller/universe.ts';
import { createProxyJob } from './proxy/proxy.ts';
import { createServerClient, type ServerClient } from './server/client.ts';
import { createSnapshotsJob } from './snapshots/snapshots.ts';
import { openStore } from './store/database.ts';
import { createKeyValue } from './store/keyValue.repository.ts';

export type RunningCollector = {
  /** What its heartbeats tell. */
  status(): CollectorFacts;
  /** Of its `/metrics`; `null` where it is not served. */
  metricsPort(): number | null;
  /** False when its clockwork has stopped. */
  isAlive(): boolean;
  /** One run of the universe job; for whoever starts a collector for that alone. */
  updateUniverse(): Promise<{ symbols: number; entered: string[]; left: string[] }>;
  /** Ends everything in order: what can be sent is sent, the rest waits in the spool. May be called twice. */
  stop(): Promise<void>;
};

/** The first sample of a symbol should have its price. */
const PRICES_WITHIN_MS = 5 * SECOND_MS;

/** Items in the spool: ten seconds' worth of what its back line sends. */
const BACKFILL_BELOW = 5_000;

/** The composition root: opens what the jobs need, hands it to them, starts them. */
export async function startCollector(options: {
  config: CollectorConfig;
  clock: Clock;
  logger: Logger;
  jobs?: readonly JobName[];
  /** Build everything and start nothing. */
  idle?: boolean;
}): Promise<RunningCollector> {
  const { config, clock, logger, jobs: names = DEFAULT_JOBS } = options;
  const has = (...wanted: JobName[]) => wanted.some((it) => names.includes(it));
  const startedAt = clock.now();
  const version = readVersion();
  const releasers = createReleasers(logger);
  setAddressAttemptTimeout(EXCHANGE_ATTEMPT_MS);
  const outbound = createOutbound(process.env);
  try {
    return await build();
  } catch (thrown) {
    await releasers.releaseAll();
    throw thrown;
  }

  async function build(): Promise<RunningCollector> {
    releasers.push('outbound', outbound.close);
    logProxies();
    const server = postsAnything(names) ? openServer(config, outbound, clock) : null;
    const exchange = openExchange({ config, outbound, clock, logger, releasers });
    const store =
      server && has('poller', 'backfill', 'snapshots')
        ? await openStore({ dir: config.stateDir, clock, logger, maxSpoolBytes: config.spool.maxBytes })
        : null;
    releasers.push('store', () => store?.close());
    let heartbeat: Heartbeat | null = null;
    // Opened before what is to be sent, and so released after it: the last beat reports what stays in the spool. It reads
    // the store, so that closes later still.
    releasers.push('goodbye', () => heartbeat?.sendGoodbye());
    const prices = openPrices();
    const spooling =
      server && store ? openSpooling({ config, store, server, clock, logger, releasers }) : null;
    const universe =
      server && spooling
        ? createUniverseFeed({ server, keyValue: createKeyValue(spooling.store), clock, logger })
        : null;
    const jobs: Job[] = [];

    const liquidUniverse =
      server && has('liquid-universe')
        ? createLiquidUniverseJob({
            exchange: exchange.client,
            server,
            thresholds: config.liquidUniverse,
            onChanged: () => universe?.readSoon(),
            clock,
            logger,
          })
        : null;
    const backfill =
      server && spooling && has('backfill')
        ? createBackfillJob({
            exchange: exchange.client,
            server,
            gaps: createGaps(spooling.store),
            outbox: spooling.outbox,
            hasRoom: () => spooling.spool.status().waiting < BACKFILL_BELOW,
            clock,
            logger,
          })
        : null;
    const snapshots =
      spooling && universe && has('snapshots')
        ? createSnapshotsJob({
            exchange: exchange.client.spare,
            markPrices: prices.prices,
            isPolled: universe.has,
            outbox: spooling.outbox,
            everyMs: config.snapshots.everyMs,
            clock,
            logger,
          })
        : null;
    const poller =
      server && spooling && universe && has('poller')
        ? openPolling({
            config,
            exchange: exchange.client,
            requestsPerMin: () =>
              Math.max(1, exchange.budget.perMin('steady') - (snapshots?.requestsPerMin() ?? 0)),
            clockAheadMs: exchange.client.clockAheadMs,
            markPrices: prices.prices,
            server,
            spooling,
            universe,
            backfill,
            onUnknownSymbol() {
              universe.readSoon();
              liquidUniverse?.runSoon();
            },
            clock,
            logger,
            releasers,
          })
        : null;

    if (has('mark-prices', 'funding-api', 'poller', 'snapshots')) jobs.push(prices);
    if (has('funding-api')) {
      jobs.push(createFundingApiJob({ port: config.fundingApi.port, source: prices, clock }));
    }
    if (has('proxy')) jobs.push(createProxyJob({ ...config.proxy, exchange: exchange.client, clock }));
    for (const job of [liquidUniverse, poller, backfill, snapshots]) if (job) jobs.push(job);

    const status = (): CollectorFacts => ({
      name: config.name,
      version,
      startedAt,
      jobs: jobs.map((it) => reportBlocked(it.status(), exchange.budget.status(), clock.now())),
      budget: exchange.budget.status(),
      spool: spooling?.spool.status() ?? null,
      clocks: {
        exchangeAheadMs: exchange.client.clockAheadMs(),
        serverAheadMs: server?.status().aheadMs ?? null,
      },
      server: server?.status() ?? null,
      alertRules: poller ? config.alerts.rules : null,
    });
    const metrics = config.metrics && openMetrics(config.metrics, status);
    if (!options.idle) {
      await metrics?.open();
      await startAll(jobs, prices);
      if (server) {
        heartbeat = createHeartbeat({ server, gather: status, clock, logger });
        releasers.push('heartbeat', heartbeat.stop);
        heartbeat.start();
      }
      logger.info({ jobs: names }, 'collecting');
      if (universe && !poller) {
        // Snapshots alone still have to know who is polled elsewhere.
        releasers.push('universe', universe.stop);
        universe.start(() => undefined);
      }
    }
    return {
      status,
      metricsPort: () => metrics?.port() ?? null,
      isAlive: () => poller?.isAlive() ?? true,
      updateUniverse: () => requireUniverseJob(liquidUniverse).run(),
      stop: releasers.releaseAll,
    };
  }

  /** A proxy that cannot be used ends the start here, before anything is opened. */
  function logProxies(): void {
    const { restUrl, wsUrl, proxyUrl } = config.exchange;
    for (const target of [restUrl, wsUrl, proxyUrl, config.server.url]) {
      const proxy = target === null ? null : outbound.describeProxyTo(target);
      if (proxy !== null) logger.info({ target, proxy }, 'connecting through a proxy');
    }
  }

  function openMetrics(where: { port: number; host: string }, gather: () => CollectorFacts) {
    const registry = createCollectorRegistry({ version, gather, now: clock.now });
    const listener = createMetricsListener({ ...where, metrics: registry });
    releasers.push('metrics', listener.close);
    return listener;
  }

  /** Prices of this process's own stream, or of the file that another one writes. */
  function openPrices(): MarkPricesJob {
    const { stateFile, readFrom } = config.markPrices;
    const file = readFrom ?? (has('mark-prices') ? null : stateFile);
    const source = file === null ? { wsUrl: config.exchange.wsUrl, stateFile } : { readFrom: file };
    return createMarkPricesJob({ source, clock, outbound, random: Math.random, logger });
  }

  async function startAll(jobs: readonly Job[], prices: MarkPricesJob): Promise<void> {
    for (const job of jobs) {
      releasers.push(job.status().name, job.stop);
      await job.start();
      if (job === prices && has('poller', 'snapshots')) await untilPriced(prices);
    }
  }

  async function untilPriced(prices: MarkPricesJob): Promise<void> {
    const giveUpAt = clock.now() + PRICES_WITHIN_MS;
    while (prices.prices.status().symbols === 0 && clock.now() < giveUpAt) {
      await new Promise<void>((resolve) => void clock.after(100, resolve));
    }
  }
}

function openServer(config: CollectorConfig, outbound: Outbound, clock: Clock): ServerClient {
  const { url, apiKey, historyKey } = config.server;
  if (apiKey === null) {
    throw new SettingsError("VOLSPIKE_API_KEY is needed to post: one of the server's INGEST_API_KEYS");
  }
  return createServerClient({ url, apiKey, historyKey, outbound, clock });
}

function requireUniverseJob(job: LiquidUniverseJob | null): LiquidUniverseJob {
  if (job) return job;
  throw new SettingsError('This collector does not run the job liquid-universe');
}
