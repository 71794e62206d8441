import { SECOND_MS, type Clock } from '../../../kit/clock.ts';
import type { Releasers } from '../../../kit/lifecycle.ts';
import type { Logger } from '../../../kit/logger.ts';
import { startLoop } from '../../../kit/loop.ts';
import type { EventLoop } from '../recorder/eventLoop.ts';
import type { Heartbeats } from '../collectors/heartbeats.ts';
import type { Silences } from './outages.ts';
import { createExplain, selectSilentSymbols, type SilenceEvidence } from './outageWatch.ts';

const LOOK_EVERY_MS = 5 * SECOND_MS;

/** Keeps the journal of silence. It also reads the heartbeats that other nodes were told, so that none is taken for missed. */
export function startSilenceLoop(
  deps: Omit<SilenceEvidence, 'now' | 'lastDataAt' | 'collectors'> & {
    clock: Clock;
    logger: Logger;
    silences: Silences;
    heartbeats: Heartbeats;
    lastDataAt: () => number | null;
    eventLoop: EventLoop;
  },
  releasers: Releasers,
): void {
  const { clock, logger, silences, heartbeats } = deps;
  const loop = startLoop({
    clock,
    everyMs: LOOK_EVERY_MS,
    onError: (err) => logger.warn({ err, loop: 'silences' }, 'background work failed, will be tried again'),
    async task() {
      deps.eventLoop.look();
      const collectors = await heartbeats.selectAll().catch(() => null);
      const evidence = { ...deps, now: clock.now(), lastDataAt: deps.lastDataAt(), collectors };
      silences.look(selectSilentSymbols(evidence), evidence.now, createExplain(evidence));
    },
  });
  releasers.push('silences', () => loop.stop());
}
