import type { Family } from '../faults.types.ts';
import { clocks } from './clocks.ts';
import { collector } from './collector.ts';
import { database } from './database.ts';
import { exchange } from './exchange.ts';
import { node } from './node.ts';
import { posters } from './posters.ts';
import { redis } from './redis.ts';
import { disks, embedded } from './stores.ts';

/** In the order in which they run: those that share a set-up follow each other. */
export const FAMILIES: readonly Family[] = [
  database,
  redis,
  collector,
  exchange,
  clocks,
  node,
  posters,
  embedded,
  disks,
];

export { WATCHES } from './healthy.ts';
