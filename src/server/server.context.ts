import type { Registry } from 'prom-client';
import type { Clock } from '../kit/clock.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import type { ServerConfig } from './config.ts';
import type { NodeState } from './nodeState.ts';

/** What every part of the server needs. */
export type ServerContext = {
  /** Complete with secrets. */
  config: ServerConfig;
  clock: Clock;
  logger: Logger;
  registry: Registry;
  version: string;
  node: NodeState;
  /** Close the stores, after everything else has ended. */
  releasers: Releasers;
  /** Stop the background tasks. */
  background: Releasers;
};
