import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { createCertificate } from './certificate.ts';
import { findTool } from './installedTool.ts';
import { createTempDir } from './tempDir.ts';
import { waitFor } from './waitFor.ts';

const SITE = path.resolve(import.meta.dirname, '../../deploy/nginx/volspike-oi.conf');

export type NginxProcess = {
  /** https on loopback. */
  port: number;
  /** Its certificate, which is its own authority. */
  certificate: string;
  /** The output of `nginx -t` for the configuration. */
  test(): { status: number | null; output: string };
  stop(): Promise<void>;
};

/** A real nginx with the site of deploy/nginx in front of the nodes; only addresses and the certificate's place differ. */
export async function startNginx(nodePorts: readonly [number, number]): Promise<NginxProcess> {
  const nginx = findTool('nginx');
  const folder = createTempDir();
  const port = await findFreePort();
  const inFolder = (name: string) => path.join(folder.path, name);
  const { cert, key } = createCertificate(folder.path, 'DNS:localhost,IP:127.0.0.1');
  const site = readFileSync(SITE, 'utf8')
    .replace('127.0.0.1:3001', `127.0.0.1:${nodePorts[0]}`)
    .replace('127.0.0.1:3002', `127.0.0.1:${nodePorts[1]}`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace(/^.*listen \[::\]:443.*$/m, '')
    .replace('/etc/ssl/oi.example.com.pem', cert)
    .replace('/etc/ssl/oi.example.com.key', key);
  writeFileSync(inFolder('site.conf'), site);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (it) => `${it}_temp_path ${inFolder(it)};`,
  );
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    inFolder('nginx.conf'),
    `daemon off; ${user} worker_processes 1; pid ${inFolder('pid')}; error_log ${inFolder('error.log')};
     events {} http { access_log off; ${temp.join(' ')} include ${inFolder('site.conf')}; }`,
  );
  const args = ['-e', inFolder('error.log'), '-c', inFolder('nginx.conf')];
  const child = spawn(nginx, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await waitFor('nginx to listen', () => {
    if (child.exitCode !== null)
      throw new Error(`nginx ended:\n${readFileSync(inFolder('error.log'), 'utf8')}`);
    return spawnSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]).status === 0;
  });
  return {
    port,
    certificate: readFileSync(cert, 'utf8'),
    test() {
      const { status, stdout, stderr } = spawnSync(nginx, ['-t', ...args], { encoding: 'utf8' });
      return { status, output: stdout + stderr };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      folder.remove();
    },
  };
}
