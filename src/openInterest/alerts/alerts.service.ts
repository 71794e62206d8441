import { SECOND_MS } from '../../kit/clock.ts';
import { invalidBody } from '../../kit/errors.ts';
import { publishesRealtime } from '../board/audience.ts';
import { sendToNodes } from '../cluster/clusterMessages.ts';
import { MOST_AHEAD_MS } from '../ingest/ingest.types.ts';
import { SYMBOL_WORDS, normaliseSymbol, parseTime } from '../ingest/parse.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { OpenInterestAlert, OpenInterestAlertInput } from '../openInterest.types.ts';
import { selectDatabaseTime } from '../../platform/database/databaseTime.ts';
import { queueAlert } from '../rules/queueAlert.ts';
import { insertOptionalAlert, selectAlertsCreatedSince, selectSameAlert } from './alerts.repository.ts';

/** Commits can land late: each read overlaps the one before. */
const OVERLAP_MS = 60 * SECOND_MS;
/** The exchange has had futures since September 2019: an earlier time was sent in seconds. */
const FIRST_FUTURES_AT = Date.UTC(2019, 8);

/** Stores an alert and pushes it on every node; the same alert again changes nothing and has the same id. */
export async function ingestAlert(
  ctx: OpenInterestContext,
  input: OpenInterestAlertInput,
): Promise<{ id: string }> {
  const alert = parseAlert(input, ctx.clock.now());
  const stored = await ctx.stores.write.transaction(async (db) => {
    const inserted = await insertOptionalAlert(db, alert);
    if (inserted) await queueAlert(ctx, db, inserted);
    return inserted;
  });
  ctx.metrics.alerts.inc({ result: stored ? 'stored' : 'duplicate' });
  if (stored === null) {
    const { id } = await selectSameAlert(ctx.stores.write, alert);
    return { id };
  }
  pushAlert(ctx, stored);
  sendToNodes(ctx, 'alerts', stored);
  return { id: stored.id };
}

/**
 * Pushes an alert to the sockets of this node, once: it can arrive in up to three ways (posted here, sent by another
 * node, read by the repair).
 */
export function pushAlert(ctx: OpenInterestContext, alert: OpenInterestAlert): void {
  if (ctx.sentAlerts.add(alert.id) && publishesRealtime(ctx)) ctx.publisher.alert(alert);
}

/** Pushes what was stored lately and has not arrived otherwise. At start nothing is new: the first call only remembers. */
export async function repairAlerts(ctx: OpenInterestContext): Promise<void> {
  const { sentAlerts, stores } = ctx;
  // By the database's clock, which stamps the alerts: ours may be minutes away from it.
  const now = (await selectDatabaseTime(stores.upkeep)).getTime();
  const since = new Date((sentAlerts.readUpTo ?? now) - OVERLAP_MS);
  for (const alert of await selectAlertsCreatedSince(stores.upkeep, since)) {
    if (sentAlerts.readUpTo === null) sentAlerts.add(alert.id);
    else pushAlert(ctx, alert);
  }
  sentAlerts.readUpTo = now;
}

function parseAlert(input: OpenInterestAlertInput, now: number) {
  const symbol = normaliseSymbol(input.symbol);
  const ts = parseTime(input.timestamp);
  const details = [];
  if (symbol === null) details.push({ path: 'symbol', message: SYMBOL_WORDS });
  if (ts > now + MOST_AHEAD_MS) {
    details.push({
      path: 'timestamp',
      message: 'lies more than 60 s ahead of the server; check the clock of the sender',
    });
  }
  if (ts < FIRST_FUTURES_AT) {
    details.push({ path: 'timestamp', message: 'lies before there were futures; times are epoch ms or ISO' });
  }
  if (symbol === null || details.length > 0) throw invalidBody(details);
  const { timestamp: _, priceChange = null, fundingRate = null, ...given } = input;
  return { ...given, symbol, priceChange, fundingRate, ts };
}
