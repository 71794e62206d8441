import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { RingPoint } from '../alerts/ring.ts';
import type { Exchange, MarkPrices } from '../collector.types.ts';
import type { Failures } from '../process/failures.ts';
import type { Outbox } from '../spool/outbox.ts';
import type { Attention } from './attention.ts';
import type { SchedulePolicy } from './schedules.ts';
import type { PollerPause, ReadTimes } from './status.ts';
import type { Turns } from './turns.ts';
import type { UniverseFeed } from './universe.ts';

export type PollerOptions = {
  exchange: Pick<Exchange, 'openInterest'>;
  markPrices: Pick<MarkPrices, 'priceOf'>;
  universe: UniverseFeed;
  outbox: Pick<Outbox, 'put'>;
  alerts: Alerts;
  /** Stores a reading for the alert windows; runs in the transaction that spools it. */
  keepReading: (symbol: string, point: RingPoint) => void;
  attention: Attention;
  policy: SchedulePolicy;
  /** Requests of weight 1 a minute that the budget leaves for this job; it changes. */
  requestsPerMin: () => number;
  settings: { minIntervalSec: number; maxIntervalSec: number };
  /** How far the exchange's clock is ahead of this machine's; `null`: not known. */
  clockAheadMs: () => number | null;
  /** Each symbol's last reading by an earlier run, to find gaps. */
  lastTs: ReadonlyMap<string, number>;
  /** The symbol was not read between these times; `from` `null`: never before. */
  onGap: (gap: { symbol: string; from: number | null; to: number }) => void;
  /** The universe has changed to these symbols. */
  onUniverse: (symbols: readonly string[]) => void;
  /** The exchange does not know the symbol. */
  onUnknownSymbol: (symbol: string) => void;
  /** Must be steady (steadyClock.ts): waits and ages must not depend on the system clock being set. */
  clock: Clock;
  systemClock: Pick<Clock, 'now'>;
  logger: Logger;
};

export type PollerContext = PollerOptions & {
  turns: Turns;
  readTimes: ReadTimes;
  failures: Failures;
  lastTs: Map<string, number>;
  signal: AbortSignal;
  underWay: Set<Promise<void>>;
  startedAt: number;
  evenIntervalMs: number;
  plannedAt: number;
  tickedAt: number;
  paused: PollerPause | null;
  cancelTick: (() => void) | null;
};
