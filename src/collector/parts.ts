import { SettingsError } from '../kit/env.ts';
import type { CollectorContext } from './collector.context.ts';
import { openExchange } from './exchange.ts';
import { postsAnything, type JobName } from './jobs.ts';
import { createMarkPricesJob, type MarkPricesJob } from './markPrices/markPrices.ts';
import { createUniverseFeed } from './poller/universe.ts';
import { createServerClient, type ServerClient } from './server/client.ts';
import { openSpooling } from './spooling.ts';
import { openStore } from './store/database.ts';
import { createKeyValue } from './store/keyValue.repository.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** Opens what the jobs share; `null`: no job of this process needs it. */
export async function openParts(context: CollectorContext, names: readonly JobName[]) {
  const { config, releasers, runs } = context;
  const server = postsAnything(names) ? openServer(context) : null;
  const exchange = openExchange(context);
  const isSpooling = server !== null && runs('poller', 'backfill', 'snapshots');
  const store = isSpooling
    ? await openStore({ ...context, dir: config.stateDir, maxSpoolBytes: config.spool.maxBytes })
    : null;
  releasers.push('store', () => store?.close());
  const lastHeartbeat = { send: async () => {} };
  // Before the spool, and so released after it: the last heartbeat reports what stays unsent. It reads the store.
  releasers.push('last heartbeat', () => lastHeartbeat.send());
  const prices = openPrices(context);
  const spooling = server && store ? openSpooling(context, store, server) : null;
  const universe =
    server && store ? createUniverseFeed({ ...context, server, keyValue: createKeyValue(store) }) : null;
  return { server, exchange, prices, spooling, universe, lastHeartbeat };
}

function openServer({ config, outbound, clock }: CollectorContext): ServerClient {
  const { url, apiKey, historyKey } = config.server;
  if (apiKey === null) {
    throw new SettingsError("VOLSPIKE_API_KEY is needed to post: one of the server's INGEST_API_KEYS");
  }
  return createServerClient({ url, apiKey, historyKey, outbound, clock });
}

/** Prices of this process's stream, or of the file that another process writes. */
function openPrices(context: CollectorContext): MarkPricesJob {
  const { stateFile, readFrom } = context.config.markPrices;
  const file = readFrom ?? (context.runs('mark-prices') ? null : stateFile);
  const source = file === null ? { wsUrl: context.config.exchange.wsUrl, stateFile } : { readFrom: file };
  return createMarkPricesJob({ ...context, source, random: Math.random });
}
