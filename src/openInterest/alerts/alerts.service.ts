import type { Clock } from '../../kit/clock.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import { ValidationError } from '../../kit/errors.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { insertOptionalAlert, selectAlertsCreatedSince, selectSameAlert } from './alerts.repository.ts';
import { selectDatabaseTime } from '../operator/debug/databaseTime.repository.ts';
import type { OpenInterestMetrics } from '../operator/recorder/metrics.ts';
import { normaliseSymbol, parseTime } from '../ingest/parse.ts';
import type { OpenInterestAlert, OpenInterestAlertInput } from '../openInterest.types.ts';

/**
 * Alerts: stored once, pushed once by each node to its own sockets. An alert reaches a node in up to three ways (it was
 * posted here, the bus brought it, the repair read it), so the node remembers which ones it has pushed.
 */
export type AlertsService = {
  ingest(input: OpenInterestAlertInput): Promise<{ id: string }>;
  /** An alert that another node stored. */
  pushRemote(alert: OpenInterestAlert): void;
  /** Reads what was stored lately and pushes what was missed. The first call only takes note: at start nothing is news. */
  repair(): Promise<void>;
};

const REMEMBERED = 5_000;
/** Commits can land late: each look overlaps the one before. */
const OVERLAP_MS = 60 * SECOND_MS;
const MAX_AHEAD_MS = 60 * SECOND_MS;
/** The exchange has had futures since September 2019: an earlier time was sent in seconds. */
const FIRST_FUTURES_AT = Date.UTC(2019, 8);

export function createAlertsService(options: {
  /** For storing. */
  write: Queryable;
  /** For reading again and again. */
  upkeep: Queryable;
  clock: Clock;
  metrics: OpenInterestMetrics;
  /** To the sockets of this node. Does nothing while realtime is switched off. */
  push: (alert: OpenInterestAlert) => void;
  /** To the other nodes. */
  tellOthers: (alert: OpenInterestAlert) => void;
}): AlertsService {
  const { write, upkeep, clock, metrics } = options;
  const pushed = new Set<string>();
  let lookedAt: number | null = null;

  function pushOnce(alert: OpenInterestAlert): void {
    if (!remember(alert.id)) return;
    options.push(alert);
  }

  function remember(id: string): boolean {
    if (pushed.has(id)) return false;
    pushed.add(id);
    if (pushed.size > REMEMBERED) {
      const oldest = pushed.values().next().value;
      if (oldest !== undefined) pushed.delete(oldest);
    }
    return true;
  }

  return {
    async ingest(input) {
      const alert = normaliseAlert(input, clock.now());
      const stored = await insertOptionalAlert(write, alert);
      if (stored === null) {
        metrics.alerts.inc({ result: 'duplicate' });
        const { id } = await selectSameAlert(write, alert);
        return { id };
      }
      metrics.alerts.inc({ result: 'stored' });
      pushOnce(stored);
      options.tellOthers(stored);
      return { id: stored.id };
    },

    pushRemote: pushOnce,

    async repair() {
      // By the database's clock, which stamps the alerts: ours may be minutes away from it.
      const now = (await selectDatabaseTime(upkeep)).getTime();
      const since = (lookedAt ?? now) - OVERLAP_MS;
      const alerts = await selectAlertsCreatedSince(upkeep, new Date(since));
      for (const alert of alerts) {
        if (lookedAt === null) remember(alert.id);
        else pushOnce(alert);
      }
      lookedAt = now;
    },
  };
}

function normaliseAlert(input: OpenInterestAlertInput, now: number) {
  const symbol = normaliseSymbol(input.symbol);
  const ts = parseTime(input.timestamp);
  const details = [];
  if (symbol === null)
    details.push({ path: 'symbol', message: 'must be letters and digits, at most 32 characters' });
  if (ts > now + MAX_AHEAD_MS) {
    details.push({
      path: 'timestamp',
      message: 'lies more than 60 s ahead of the server; check the clock of the sender',
    });
  }
  if (ts < FIRST_FUTURES_AT) {
    details.push({ path: 'timestamp', message: 'lies before there were futures; times are epoch ms or ISO' });
  }
  if (symbol === null || details.length > 0) {
    const fields = details.map((it) => it.path).join(', ');
    throw new ValidationError(`Invalid body: ${fields}`, { code: 'invalid_body', details });
  }
  return {
    symbol,
    direction: input.direction,
    timeframe: input.timeframe,
    baseline: input.baseline,
    current: input.current,
    pctChange: input.pctChange,
    absChange: input.absChange,
    priceChange: input.priceChange ?? null,
    fundingRate: input.fundingRate ?? null,
    source: input.source,
    ts,
  };
}
