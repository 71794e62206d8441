// The built system on the Node that runs this: the demo, then exchange, server and collector as three processes. Each has to
// become healthy by doctor's judgement, print no warning, and end in order on SIGTERM and SIGINT. Prints a line a check;
// the status is the number of those that failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HEALTHY_WITHIN_MS = 180_000;
const ENDED_WITHIN_MS = 20_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const dir = mkdtempSync(path.join(tmpdir(), 'smoke-'));
const running = new Set();
let failures = 0;

try {
  await check('the demo becomes healthy, replays a rule and ends on SIGTERM', demo);
  await check('exchange, server and collector become healthy and end on SIGINT', processes);
  await check('token and migrate print no warning', tools);
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
process.exitCode = failures;

async function check(name, task) {
  try {
    await task();
    console.log(`ok      ${name}, on Node ${process.version}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${name}, on Node ${process.version}: ${error.message}`);
  }
}

async function demo() {
  const program = start('demo/main', ['--symbols', '60'], { DATA_DIR: path.join(dir, 'demo') });
  await program.says(/Ctrl-C ends it\./);
  const [, url] = await program.says(/^address {2}(\S+)$/m);
  const [, key] = await program.says(/^operator key {2}(\S+)$/m);
  const [, token] = await program.says(/^pro token {2}(\S+)$/m);
  await untilHealthy(url, key);
  await replay(url, token);
  await program.end('SIGTERM');
}

/** It runs in a thread, which loads its modules by itself. */
async function replay(url, token) {
  const now = Date.now();
  const rule = { name: 'smoke', window: '1h', direction: 'both', thresholdPct: 3 };
  const answer = await fetch(`${url}/api/alert-rules/replay`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ rule, from: now - 6 * 3_600_000, to: now }),
  });
  const lines = (await answer.text()).trim().split('\n');
  if (JSON.parse(lines.at(-1)).type !== 'summary') throw new Error(`the replay answers ${lines.at(-1)}`);
}

async function processes() {
  const dataDir = path.join(dir, 'server');
  const exchange = start('simulator/main', [], { SIMULATOR_PORT: '0' });
  const [, restUrl, wsUrl] = await exchange.says(/^pretend exchange {2}(\S+) {2}(\S+)$/m);
  const server = start('server/main', [], { DATA_DIR: dataDir });
  const [, port] = await server.says(/"port":(\d+),"msg":"listening"/);
  const url = `http://127.0.0.1:${port}`;
  await until('the server is ready', async () => (await fetch(`${url}/readyz`)).ok);
  const { ingestKey, operatorKey } = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8'));
  const collector = start('collector/main', [], {
    VOLSPIKE_API_URL: url,
    VOLSPIKE_API_KEY: ingestKey,
    BINANCE_REST_URL: restUrl,
    BINANCE_WS_URL: wsUrl,
    COLLECTOR_STATE_DIR: path.join(dir, 'collector'),
    FUNDING_API_PORT: '0',
    PROXY_PORT: '0',
  });
  await untilHealthy(url, operatorKey);
  // The collector first: what it could not send, it would send at the next start.
  for (const it of [collector, server, exchange]) await it.end('SIGINT');
}

async function tools() {
  const token = start('server/token', ['--tier', 'pro', '--sub', 'smoke'], {
    AUTH_JWT_SECRET: 'x'.repeat(32),
  });
  await token.ended(0);
  await start('server/migrate', ['--help']).ended(0);
}

function start(name, args, env = {}) {
  const child = spawn(process.execPath, [path.join(root, `dist/${name}.js`), ...args], {
    cwd: dir,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', PORT: '0', ...env },
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));

  async function ended(status) {
    const isEnded = await Promise.race([once(child, 'close'), sleep(ENDED_WITHIN_MS, null, { ref: false })]);
    if (isEnded === null) throw new Error(`${name} does not end`);
    const problems =
      stderr + (stdout.match(/^.*"level":(?:50|60).*$|^.*release failed.*$/gm) ?? []).join('\n');
    if (child.exitCode !== status)
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}\n${stdout}${stderr}`);
    if (problems !== '') throw new Error(`${name} printed ${problems}`);
  }
  return {
    says: (pattern) =>
      until(`${name} says ${pattern}`, () => {
        if (child.exitCode !== null)
          throw new Error(`${name} ended with ${child.exitCode}\n${stdout}${stderr}`);
        return pattern.exec(stdout);
      }),
    end(signal) {
      child.kill(signal);
      return ended(0);
    },
    ended,
  };
}

async function untilHealthy(url, key) {
  let doctor = null;
  try {
    await until('doctor finds it healthy', async () => {
      const answer = await fetch(`${url}/debug/doctor?format=json`, { headers: { 'X-API-Key': key } });
      doctor = await answer.json();
      return doctor.healthy;
    });
  } catch (error) {
    throw new Error(`${error.message}: ${JSON.stringify(doctor)}`);
  }
}

/** What `look` answers once that is something. A connection that is refused is nothing yet. */
async function until(what, look) {
  for (const endsAt = performance.now() + HEALTHY_WITHIN_MS; performance.now() < endsAt; await sleep(200)) {
    const found = await Promise.resolve(look()).catch((error) => {
      if (error instanceof TypeError) return null;
      throw error;
    });
    if (found) return found;
  }
  throw new Error(`not within ${HEALTHY_WITHIN_MS / 1_000} s: ${what}`);
}
