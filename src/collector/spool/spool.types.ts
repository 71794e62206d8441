/**
 * - `alert`: sent before everything else
 * - `live`: dashboards wait for it; newest first
 * - `backlog`: history that could not be sent in time; oldest first, at a low rate
 */
export type Lane = 'alert' | 'live' | 'backlog';

/** The items of one request body. Closed chunks never change, so a retry sends the same bytes. */
export type Chunk = {
  id: number;
  lane: Lane;
  items: number;
  bytes: number;
  /** When its first item was appended. */
  at: number;
  /** Failed attempts to send it. */
  attempts: number;
  /** Being sent: it is neither offered again nor dropped. */
  isClaimed?: boolean;
  /** Offered again outside of this time. */
  backoff?: { since: number; until: number } | undefined;
  /** The server refuses some of its items because their time is ahead of the server's clock. */
  waitsForTime?: boolean;
  /** Its items, when the disk refused them: they are sent from memory and lost with the process. */
  unspooled?: string[];
};

/** Counts items (samples and alerts). appended = delivered + refused + dead + dropped… + waiting, always. */
export type SpoolTotals = {
  appended: number;
  delivered: number;
  /** Rejected by the server within a chunk that it accepted. */
  refused: number;
  /** In chunks that the server rejected as a whole; see the dead-letter file. */
  dead: number;
  droppedAge: number;
  droppedSize: number;
  /** The disk refused them and they were lost in memory. */
  droppedDisk: number;
};

export type SpoolStatus = SpoolTotals & {
  dropped: number;
  waiting: number;
  chunks: number;
  bytes: number;
  oldestAt: number | null;
  /** Times are those of this process; `null`: none yet. */
  lastDroppedAt: number | null;
  lastDeadLetterAt: number | null;
  /** Items in chunks that wait for the server's clock. */
  waitingForTime: number;
  /** Items that are in memory only because the disk refused them. */
  inMemory: number;
};
