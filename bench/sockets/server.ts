import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { publishPulse, publishSnapshot } from '../../src/openInterest/board/publish.ts';
import { PULSE_MS } from '../../src/openInterest/board/audience.ts';
import { createSweeps } from '../fanout/market.ts';
import { createStorelessProduct } from '../storeless.ts';

/**
 * The product's sockets with the cadence of the live feed, a child process of the benchmark: its argument is the secret of
 * the tokens. Samples are applied to the board without a database, so a sample's commit is the moment at which it is applied.
 */
const CHUNK_MS = 520;
/** 343 symbols every 10 s. */
const SAMPLES_OF_CHUNK = 18;

const http = createServer();
const ctx = createStorelessProduct(http, process.argv[2]!);
const sweep = createSweeps(ctx.board, Date.now());
/** `process.hrtime` of the samples of each window. */
let committedAt: number[] = [];
let feeding: NodeJS.Timeout | undefined;

sweep();
ctx.window.markChanged();
publishSnapshot(ctx);
setInterval(() => publishPulse(ctx), PULSE_MS);

const ANSWERS: Record<string, () => object> = {
  weigh() {
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    const { realtime } = ctx.publisher.audienceSizes();
    return { rssKiB: process.memoryUsage.rss() / 1_024, cpu: process.cpuUsage(), pro: realtime };
  },
  start() {
    committedAt = [];
    feeding = setInterval(() => {
      // A late turn of the event loop adds its samples to the window that waits, whose first commit counts.
      const isNewWindow = ctx.window.waitingSince() === null;
      sweep(SAMPLES_OF_CHUNK);
      ctx.window.markChanged();
      if (isNewWindow) committedAt.push(Number(process.hrtime.bigint()));
    }, CHUNK_MS);
    return {};
  },
  stop() {
    clearInterval(feeding);
    return { committedAt };
  },
};
process.on('message', ({ ask }: { ask: string }) => process.send?.(ANSWERS[ask]!()));
process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', 4_096, () => process.send?.({ port: (http.address() as AddressInfo).port }));
