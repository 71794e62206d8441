import type { Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Stores } from '../platform/database/stores.ts';
import type { Bus } from '../platform/redis/bus.ts';
import type { SentAlerts } from './alerts/sentAlerts.ts';
import type { Board } from './board/board.ts';
import type { Publisher } from './board/publisher.types.ts';
import type { SnapshotBoards } from './board/snapshotBoards.ts';
import type { BroadcastWindow } from './board/window.ts';
import type { RedisCopy } from './cluster/redisCopy.ts';
import type { OpenInterestMetrics } from './operator/recorder/metrics.ts';
import type { Recorder } from './operator/recorder/recorder.ts';
import type { RuleFeed } from './rules/ruleFeed.ts';
import type { SeenAccess } from './rules/seenAccess.ts';
import type { Universe } from './universe/universe.ts';

type OpenInterestSettings = {
  /** False: Pro and Elite see every symbol at the 5-minute marks, and no alert is pushed. */
  realtimeEnabled: boolean;
  broadcastDebounceMs: number;
  broadcastMaxWaitMs: number;
  /** How long samples are kept, and how long they stay rows before they are compacted. */
  retentionDays: number;
  hotDays: number;
};

/** What each step of open interest works on: the outside world, and the state of this node. */
export type OpenInterestContext = {
  readonly settings: OpenInterestSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OpenInterestMetrics;
  readonly stores: Stores;
  /** Messages between nodes. */
  readonly bus: Bus;
  readonly redisCopy: RedisCopy;
  /** Sends to the sockets of this node. */
  readonly publisher: Publisher;
  /** Throws while the node is starting or draining. */
  readonly requireOpen: () => void;

  readonly universe: Universe;
  readonly board: Board;
  readonly window: BroadcastWindow;
  readonly snapshots: SnapshotBoards;
  readonly sentAlerts: SentAlerts;
  readonly recorder: Recorder;
  /** Published rows on their way to the evaluation of rules. */
  readonly ruleFeed: RuleFeed;
  /** Tiers of users, as their tokens say, on their way to the evaluation of rules. */
  readonly seenAccess: SeenAccess;
  readonly feed: {
    /** When the newest data arrived, from a poller or from another node, epoch ms; `null` before the first. */
    lastDataAt: number | null;
    /** Chunks that wait for Postgres. */
    waitingChunks: number;
  };
};
