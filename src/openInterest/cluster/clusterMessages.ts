import { z } from 'zod';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { OpenInterestAlert, Sample } from '../openInterest.types.ts';

/** What nodes send each other, by the name of its channel, so that each shows at once what another received. */
export const CLUSTER_MESSAGES = {
  /** Samples that are new on the sender's board. */
  samples: z.array(Sample),
  /** An alert that the sender has stored. */
  alerts: OpenInterestAlert,
  /** The universe was replaced; the database has its members. */
  universe: z.null(),
};

type Ctx = Pick<OpenInterestContext, 'bus'>;

export function sendSamples({ bus }: Ctx, samples: readonly Sample[]): void {
  bus.publish('samples', samples);
}

export function sendAlert({ bus }: Ctx, alert: OpenInterestAlert): void {
  bus.publish('alerts', alert);
}

export function sendUniverseChanged({ bus }: Ctx): void {
  bus.publish('universe', null);
}
