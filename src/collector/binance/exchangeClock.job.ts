import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { Job, JobStatus } from '../collector.job.types.ts';
import type { BinanceClient } from './binance.client.ts';

const EVERY_MS = 10 * SECOND_MS;
/** Ages of prices and samples are off by so much. */
const SLOW_FROM_MS = 2 * SECOND_MS;
/** The server refuses samples that seem to come from a minute ahead. */
const DOWN_FROM_MS = 30 * SECOND_MS;

/**
 * Watches how far this machine's clock is from the exchange's. Samples carry the exchange's time, so a wrong clock does not
 * falsify them, but whoever reads ages here or there is misled; so it is said aloud.
 */
export function createExchangeClockJob(options: {
  client: Pick<BinanceClient, 'clockAheadMs'>;
  clock: Clock;
  logger: Logger;
}): Job {
  const { client, clock, logger } = options;
  let told: JobStatus['state'] = 'up';
  let loop: Loop | undefined;

  function status(): JobStatus {
    const aheadMs = client.clockAheadMs();
    if (aheadMs === null) return { name: 'exchange-clock', state: 'up', note: 'not known yet' };
    const offMs = Math.abs(aheadMs);
    const state = offMs >= DOWN_FROM_MS ? 'down' : offMs >= SLOW_FROM_MS ? 'slow' : 'up';
    if (state === 'up') return { name: 'exchange-clock', state };
    const side = aheadMs > 0 ? 'behind' : 'ahead of';
    const note = `the system clock is ${(offMs / SECOND_MS).toFixed(1)} s ${side} the exchange's: check its time service`;
    return { name: 'exchange-clock', state, note };
  }

  async function look(): Promise<void> {
    const { state, note } = status();
    if (state === told) return;
    told = state;
    if (state === 'up') logger.info('the system clock agrees with the exchange again');
    else logger.warn({ aheadMs: client.clockAheadMs(), note }, 'the system clock is wrong');
  }

  return {
    async start() {
      const onError = (err: Error) => logger.error({ err }, 'the clock cannot be judged');
      loop = startLoop({ clock, everyMs: EVERY_MS, task: look, onError });
    },
    async stop() {
      await loop?.stop();
    },
    status,
  };
}
