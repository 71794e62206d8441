import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { waitFor } from '../../test/support/waitFor.ts';
import { NCHAN_MODULE, NGINX } from './nchanFiles.ts';
import { createUpdates, messageOf } from './updates.ts';

/**
 * The contestant in C: nginx with Debian's module Nchan, which keeps a channel and sends what is posted to it to its websockets,
 * deflated once. A child process like `server.ts`, with the start of the market as its argument.
 */
/** Of `getconf CLK_TCK`, in which Linux counts CPU time. */
const TICK_MS = 10;
const PAGE_KIB = 4;

await serve(Number(process.argv[2]));

async function serve(startAt: number): Promise<void> {
  const port = await findFreePort();
  const nginx = await startNginx(port);
  const nextUpdate = createUpdates(startAt);
  const agent = new Agent({ keepAlive: true });
  let message = '';
  let cpuBefore = 0;
  const answers: Record<string, () => object> = {
    prepare() {
      message = messageOf(nextUpdate());
      return {};
    },
    emit() {
      cpuBefore = nginx.cpuMs();
      const emittedAt = Number(process.hrtime.bigint());
      const post = request({ port, agent, method: 'POST', path: '/publish' }, (answer) => answer.resume());
      post.end(message);
      return { emittedAt };
    },
    settled: () => ({ cpuMs: nginx.cpuMs() - cpuBefore, longestTurnMs: 0, longestTurnCpuMs: 0 }),
    weigh: () => ({ rssKiB: nginx.rssKiB() }),
  };
  process.on('message', ({ ask }: { ask: string }) => process.send?.(answers[ask]!()));
  process.on('disconnect', () => {
    nginx.stop();
    process.exit(0);
  });
  process.send?.({ port });
}

/** One worker, which is also the process that is started. */
async function startNginx(port: number) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'oi-bench-nchan-'));
  const inDir = (name: string) => path.join(dir, name);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (it) => `${it}_temp_path ${inDir(it)};`,
  );
  writeFileSync(
    inDir('nginx.conf'),
    `daemon off; master_process off; pid ${inDir('pid')}; load_module ${NCHAN_MODULE}; worker_rlimit_nofile 65536;
     events { worker_connections 20000; }
     http {
       access_log off; ${temp.join(' ')} client_max_body_size 4m; client_body_buffer_size 4m; nchan_shared_memory_size 256m;
       server {
         listen 127.0.0.1:${port} backlog=4096;
         location = / {
           nchan_subscriber websocket; nchan_channel_id board; nchan_subscriber_first_message newest;
           nchan_subscribe_existing_channels_only off;
         }
         location = /publish {
           nchan_publisher http; nchan_channel_id board; nchan_message_buffer_length 1; nchan_deflate_message_for_websocket on;
         }
       }
     }`,
  );
  const child = spawn(NGINX, ['-e', inDir('error.log'), '-c', inDir('nginx.conf')], { stdio: 'inherit' });
  await waitFor('nginx to listen', async () => (await fetch(`http://127.0.0.1:${port}/publish`)).status > 0);
  const statistics = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    cpuMs(): number {
      // After the name in brackets: utime and stime are the 14th and 15th field of all.
      const fields = statistics('stat').split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    rssKiB: () => Number(statistics('statm').split(' ')[1]) * PAGE_KIB,
    stop() {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
