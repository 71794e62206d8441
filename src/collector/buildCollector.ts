import { EXCHANGE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import { SECOND_MS, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { createReleasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import { sleep } from '../kit/sleep.ts';
import { readVersion } from '../kit/version.ts';
import { createBackfillJob } from './backfill/backfill.ts';
import { createGaps } from './backfill/gaps.repository.ts';
import type { BinanceClient } from './binance/client.ts';
import { forcedOrderStreamUrl } from './binance/hosts.ts';
import type { CollectorContext } from './collector.context.ts';
import type { CollectorConfig } from './config.ts';
import { reportBlocked } from './heartbeat/blocked.ts';
import { createHeartbeat, type CollectorFacts } from './heartbeat/heartbeat.ts';
import type { Job } from './job.types.ts';
import { DEFAULT_JOBS, type JobName } from './jobs.ts';
import { createLiquidUniverseJob } from './liquidUniverse/liquidUniverse.ts';
import { createFundingApiJob } from './markPrices/fundingApi.job.ts';
import { createCollectorRegistry } from './metrics/metrics.ts';
import { createMetricsListener } from './metrics/metricsListener.ts';
import { createOutbound } from './outbound/outbound.ts';
import { openPolling } from './polling.ts';
import { openParts, type Parts } from './parts.ts';
import { createPositioningJob } from './positioning/positioning.ts';
import { createProxyJob } from './proxy/proxy.ts';
import { createSnapshotsJob } from './snapshots/snapshots.ts';

type CollectorOptions = {
  config: CollectorConfig;
  clock: Clock;
  logger: Logger;
  jobs?: readonly JobName[];
  /** Builds everything and starts nothing. */
  idle?: boolean;
};

/** How long the start waits for prices, so that the first sample of a symbol has one. */
const PRICES_WITHIN_MS = 5 * SECOND_MS;
/** Items in the spool: what the sender's back worker sends in ten seconds. */
const BACKFILL_BELOW = 5_000;

export type RunningCollector = Awaited<ReturnType<typeof startCollector>>;

/** The composition root: opens what the jobs need, creates the jobs, starts them. */
export async function startCollector(options: CollectorOptions) {
  const { config, clock, logger, jobs: names = DEFAULT_JOBS, idle = false } = options;
  const about = { name: config.name, version: readVersion(), startedAt: clock.now() };
  const releasers = createReleasers(logger);
  setAddressAttemptTimeout(EXCHANGE_ATTEMPT_MS);
  const outbound = createOutbound(process.env);
  releasers.push('outbound', outbound.close);
  const runs = (...wanted: JobName[]) => wanted.some((it) => names.includes(it));
  const context: CollectorContext = { config, clock, logger, releasers, outbound, runs };
  try {
    logProxies(context);
    const parts = await openParts(context, names);
    const jobs = createJobs(context, parts);
    const status = (): CollectorFacts => ({ ...about, ...describe(context, parts, jobs) });
    const metrics = config.metrics && openMetrics(context, config.metrics, status);
    if (!idle) {
      await metrics?.open();
      await startJobs(context, parts, jobs.all);
      startHeartbeat(context, parts, status);
      startUniverse(context, parts);
      logger.info({ jobs: names }, 'collector started');
    }
    return {
      /** The facts of its heartbeats. */
      status,
      /** `null`: metrics are not served. */
      metricsPort: () => metrics?.port() ?? null,
      /** False when the poller's timer has stopped. */
      isAlive: () => jobs.poller?.isAlive() ?? true,
      /** One run of the job liquid-universe, for a collector that was started for it alone. */
      async updateUniverse() {
        if (jobs.liquidUniverse) return jobs.liquidUniverse.run();
        throw new SettingsError('This collector does not run the job liquid-universe');
      },
      /** Stops everything in order: sends what it can, the rest stays in the spool. May be called twice. */
      stop: releasers.releaseAll,
    };
  } catch (thrown) {
    await releasers.releaseAll();
    throw thrown;
  }
}

/** The jobs that run, in the order in which they start. */
function createJobs(context: CollectorContext, { server, exchange, prices, spooling, universe }: Parts) {
  const { config, clock, runs } = context;
  const { client, budget } = exchange;
  const pricing = runs('mark-prices', 'funding-api', 'poller', 'snapshots') ? prices : null;
  const fundingApi = runs('funding-api')
    ? createFundingApiJob({ port: config.fundingApi.port, source: prices, clock })
    : null;
  const proxy = runs('proxy') ? createProxyJob({ ...config.proxy, exchange: client, clock }) : null;
  const onChanged = () => universe?.readSoon();
  const thresholds = config.liquidUniverse;
  const liquidUniverse =
    server && runs('liquid-universe')
      ? createLiquidUniverseJob({ ...context, exchange: client, server, thresholds, onChanged })
      : null;
  const backfill =
    server && spooling && runs('backfill')
      ? createBackfillJob({
          ...context,
          ...spooling,
          exchange: client,
          server,
          gaps: createGaps(spooling.store),
          hasRoom: () => spooling.spool.status().waiting < BACKFILL_BELOW,
        })
      : null;
  const positioning = openPositioning(context, client, server);
  const markPrices = prices.prices;
  const snapshots =
    spooling && universe && runs('snapshots')
      ? createSnapshotsJob({
          ...context,
          ...config.snapshots,
          exchange: client.spare,
          markPrices,
          isPolled: universe.has,
          outbox: spooling.outbox,
        })
      : null;
  const poller =
    server && spooling && universe && runs('poller')
      ? openPolling(context, {
          ...{ exchange: client, markPrices, universe, server, spooling, backfill },
          requestsPerMin: () => Math.max(1, budget.perMin('steady') - (snapshots?.requestsPerMin() ?? 0)),
          clockAheadMs: client.clockAheadMs,
          onUnknownSymbol() {
            universe.readSoon();
            liquidUniverse?.runSoon();
          },
        })
      : null;
  const jobs: (Job | null)[] = [
    ...[pricing, fundingApi, proxy, liquidUniverse, poller, backfill, positioning, snapshots],
  ];
  return { all: jobs.filter((it) => it !== null), liquidUniverse, poller };
}

/** `null`: not wanted. */
function openPositioning(context: CollectorContext, client: BinanceClient, server: Parts['server']) {
  const { config, runs } = context;
  const most = config.positioning.symbols;
  if (!server || !runs('positioning') || most === 0) return null;
  return createPositioningJob({
    ...context,
    exchange: client,
    server,
    streamUrl: forcedOrderStreamUrl(config.exchange.wsUrl),
    most,
    clockAheadMs: client.clockAheadMs,
    random: Math.random,
  });
}

function describe(
  { config, clock }: CollectorContext,
  { exchange, server, spooling }: Parts,
  { all, poller }: ReturnType<typeof createJobs>,
): Omit<CollectorFacts, 'name' | 'version' | 'startedAt'> {
  const budget = exchange.budget.status();
  const serverStatus = server?.status() ?? null;
  return {
    jobs: all.map((it) => reportBlocked(it.status(), budget, clock.now())),
    budget,
    spool: spooling?.spool.status() ?? null,
    clocks: {
      exchangeAheadMs: exchange.client.clockAheadMs(),
      serverAheadMs: serverStatus?.aheadMs ?? null,
    },
    server: serverStatus,
    alertRules: poller ? config.alerts.rules : null,
  };
}

/** Ends the start for a proxy that cannot be used, before anything is opened. */
function logProxies({ config, outbound, logger }: CollectorContext): void {
  const { restUrl, wsUrl, proxyUrl } = config.exchange;
  for (const target of [restUrl, wsUrl, proxyUrl, config.server.url]) {
    const proxy = target === null ? null : outbound.describeProxyTo(target);
    if (proxy !== null) logger.info({ target, proxy }, 'connecting through a proxy');
  }
}

function openMetrics(
  { clock, releasers }: CollectorContext,
  address: { port: number; host: string },
  gather: () => CollectorFacts,
) {
  const registry = createCollectorRegistry({ version: gather().version, gather, now: clock.now });
  const listener = createMetricsListener({ ...address, metrics: registry });
  releasers.push('metrics', listener.close);
  return listener;
}

async function startJobs(context: CollectorContext, { prices }: Parts, jobs: readonly Job[]): Promise<void> {
  const { clock, releasers, runs } = context;
  for (const job of jobs) {
    releasers.push(job.status().name, job.stop);
    await job.start();
    if (job !== prices || !runs('poller', 'snapshots')) continue;
    const giveUpAt = clock.now() + PRICES_WITHIN_MS;
    while (prices.prices.status().symbols === 0 && clock.now() < giveUpAt) await sleep(clock, 100);
  }
}

function startHeartbeat(
  context: CollectorContext,
  { server, lastHeartbeat }: Parts,
  gather: () => CollectorFacts,
): void {
  if (!server) return;
  const heartbeat = createHeartbeat({ ...context, server, gather });
  lastHeartbeat.send = heartbeat.sendLast;
  context.releasers.push('heartbeat', heartbeat.stop);
  heartbeat.start();
}

/** Snapshots without a poller still need to know which symbols are polled elsewhere. */
function startUniverse({ releasers, runs }: CollectorContext, { universe }: Parts): void {
  if (!universe || runs('poller')) return;
  releasers.push('universe', universe.stop);
  universe.start(() => undefined);
}
