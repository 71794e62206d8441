import type { OutgoingPost } from '../post.ts';
import type { QueuedFiring } from '../message.ts';

/** Deliveries that are sent as one message: one, or a digest. */
export type Letter = {
  /** Of the first delivery; stable over all attempts of that delivery. */
  id: string;
  test: boolean;
  firings: readonly QueuedFiring[];
};

/** How alerts are sent to one kind of receiver. */
export type Kind<Secrets> = {
  /** The request of an attempt. */
  write(letter: Letter, secrets: Secrets): OutgoingPost;
  /** What the receiver answers when it does not exist any more. */
  goneStatuses: readonly number[];
  /** The shortest time between two messages, below the receiver's own limit; `null`: it has none. */
  paceMs: number | null;
  /** Deliveries of one message at most. Above one, several waiting alerts become a digest. */
  digestOf: number;
};
