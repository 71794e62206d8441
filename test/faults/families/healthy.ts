import type { Watch } from '../faults.types.ts';
import { part } from '../rig.ts';
import { EMBEDDED, WHOLE } from './plans.ts';

/** Systems in which nothing is wrong. */
export const WATCHES: readonly Watch[] = [
  { name: 'the usual set-up', plan: { ...WHOLE, database: 'embedded', redis: false } },
  {
    name: 'a second node that is sent nothing',
    plan: WHOLE,
    async arrange(rig) {
      const second = await rig.newServer({});
      return [rig.url, second.url];
    },
  },
  {
    name: 'a poller that sweeps every 5 minutes',
    plan: { ...EMBEDDED, poster: { everyMs: 300_000 } },
    async arrange(rig) {
      // After one sweep nothing says when the next is due.
      await new Promise((resolve) => setTimeout(resolve, 305_000));
      return [rig.url];
    },
  },
  {
    name: 'a collector that was retired in order',
    plan: { database: 'external', sender: 'collector' },
    async arrange(rig) {
      const successor = rig.newCollector({ COLLECTOR_NAME: 'oi-successor' });
      successor.start();
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      await part(rig.collector).stop();
      return [rig.url];
    },
  },
];
