import { pushAlert } from '../alerts/alerts.service.ts';
import { fillLastDay } from '../ingest/mergeChunk.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { Sample } from '../openInterest.types.ts';
import { loadUniverse } from '../universe/universe.service.ts';
import { CLUSTER_MESSAGES } from './clusterMessages.ts';
import { isPlausible } from './plausible.ts';

/** Handles what other nodes send. */
export function receiveClusterMessages(ctx: OpenInterestContext): void {
  ctx.bus.subscribe('samples', CLUSTER_MESSAGES.samples, (samples) => mergeRemoteSamples(ctx, samples));
  ctx.bus.subscribe('past', CLUSTER_MESSAGES.past, (samples) => {
    const now = ctx.clock.now();
    for (const it of samples) if (isPlausible(it, now)) fillLastDay(ctx, it);
  });
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
  for (const sample of samples) {
    // A backfill never enters a board.
    if (sample.source === 'backfill' || !isPlausible(sample, now)) continue;
    const outcome = ctx.board.apply(sample, 'poller');
    if (outcome === 'replace') ctx.feed.lastDataAt = now;
    if (outcome === 'older') fillLastDay(ctx, sample);
  }
  ctx.recorder.remote(samples);
  ctx.window.markChanged();
}
