import { z } from 'zod';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { OpenInterestAlert, Sample } from '../openInterest.types.ts';
import { UserFiring } from '../rules/rules.types.ts';

/** What nodes send each other, by the name of its channel, so that each shows at once what another received. */
export const CLUSTER_MESSAGES = {
  /** Samples that are new on the sender's board. */
  samples: z.array(Sample),
  /** Samples that were late at the sender: they fill the last day of their symbols. */
  past: z.array(Sample),
  /** An alert that the sender has stored. */
  alerts: OpenInterestAlert,
  /** What rules fired, for the sockets of their users. */
  firings: z.array(UserFiring),
  /** The universe was replaced; the database has its members. */
  universe: z.null(),
};

type Messages = typeof CLUSTER_MESSAGES;

/** Sends a message to the other nodes, at most once. */
export function sendToNodes<Name extends keyof Messages>(
  { bus }: Pick<OpenInterestContext, 'bus'>,
  name: Name,
  message: Readonly<z.output<Messages[Name]>>,
): void {
  bus.publish(name, message);
}
