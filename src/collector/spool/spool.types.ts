/**
 * - `alert`: sent before everything else
 * - `live`: what a screen waits for, newest first
 * - `backlog`: what has become history before it could be sent, oldest first and slowly
 */
export type Lane = 'alert' | 'live' | 'backlog';

/** What is sent in one body. Its content never changes once it is closed. */
export type Chunk = {
  id: number;
  lane: Lane;
  items: number;
  bytes: number;
  /** When its first item was appended. */
  at: number;
  /** How often it was sent in vain. */
  attempts: number;
  /** The server refuses items of it because their time lies ahead of its clock. */
  waitsForTime?: boolean;
};

/** Counted in items: samples and alerts. appended = delivered + refused + dead + dropped… + waiting, always. */
export type SpoolTotals = {
  appended: number;
  delivered: number;
  /** Refused by the server inside a chunk that it took. */
  refused: number;
  /** In chunks that the server refused as a whole; they stand in the dead-letter file. */
  dead: number;
  droppedAge: number;
  droppedSize: number;
  /** Neither disk nor memory had room. */
  droppedDisk: number;
};

export type SpoolStatus = SpoolTotals & {
  dropped: number;
  waiting: number;
  chunks: number;
  bytes: number;
  oldestAt: number | null;
  /** By this process; `null`: it has dropped, or buried, nothing. */
  lastDroppedAt: number | null;
  lastDeadLetterAt: number | null;
  /** Items in chunks that wait for the server's clock. */
  waitingForTime: number;
  /** Items that are held in memory because the disk would not take them. */
  inMemory: number;
};
