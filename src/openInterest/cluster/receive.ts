import { pushAlert } from '../alerts/alerts.service.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { Sample } from '../openInterest.types.ts';
import { loadUniverse } from '../universe/universe.service.ts';
import { CLUSTER_MESSAGES } from './clusterMessages.ts';
import { isPlausible } from './plausible.ts';

/** Handles what other nodes send. */
export function receiveClusterMessages(ctx: OpenInterestContext): void {
  ctx.bus.subscribe('samples', CLUSTER_MESSAGES.samples, (samples) => mergeRemoteSamples(ctx, samples));
  ctx.bus.subscribe('alerts', CLUSTER_MESSAGES.alerts, (alert) => pushAlert(ctx, alert));
  ctx.bus.subscribe('firings', CLUSTER_MESSAGES.firings, (firings) => {
    for (const it of firings) ctx.publisher.firing(it);
  });
  ctx.bus.subscribe('universe', CLUSTER_MESSAGES.universe, () => {
    loadUniverse(ctx).catch((err: unknown) => ctx.logger.warn({ err }, 'universe not read, retrying'));
  });
}

/** Merges into the board what another node has ingested; the database is that node's task. */
function mergeRemoteSamples(ctx: OpenInterestContext, samples: readonly Sample[]): void {
  const now = ctx.clock.now();
  const changed = samples.filter((it) => isPlausible(it, now) && ctx.board.apply(it, 'poller') === 'replace');
  ctx.recorder.remote(samples);
  if (changed.length > 0) ctx.feed.lastDataAt = now;
  ctx.window.markChanged();
}
