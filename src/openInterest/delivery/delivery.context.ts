import type { Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Stores } from '../../platform/database/stores.ts';
import type { DeliveryMetrics } from './metrics.ts';
import type { Kinds, KindSettings } from './kinds/kinds.ts';
import type { Poster } from './post.ts';
import type { AddressPolicy } from './receiverAddress.ts';
import type { SecretBox } from './secretBox.ts';

export type DeliverySettings = KindSettings & {
  /** AES-256 keys that encrypt the secrets of channels, newest first. Empty: no channel can be created. */
  secretsKeys: readonly Buffer[];
  receivers: AddressPolicy;
};

/** What each step of delivery works on. */
export type DeliveryContext = {
  readonly settings: DeliverySettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  readonly stores: Pick<Stores, 'write' | 'read' | 'upkeep'>;
  readonly secrets: SecretBox;
  readonly poster: Poster;
  readonly kinds: Kinds;
  /** Counts a test of the user; false beyond the limit. */
  readonly mayTest: (userId: string) => boolean;
};
