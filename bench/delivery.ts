import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '../src/kit/logger.ts';
import { createDatabase } from '../src/platform/database/database.ts';
import { runMigrations } from '../src/platform/database/migrations.ts';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { createDeliveryRig, webhookSecrets } from '../test/support/deliveryRig.ts';
import { startReceiver, type Receiver, type Treatment } from '../test/support/receiver.ts';
import { waitFor } from '../test/support/waitFor.ts';

const PROGRAM = fileURLToPath(new URL('../test/support/deliveryNode.ts', import.meta.url));
const PER_CHANNEL = 1_000;
const OK: Treatment = { status: 204 };

/** How the receivers of the channels behave: each fault in one request of ten. */
const FAULTS: readonly (Treatment | null)[] = [
  null,
  null,
  null,
  { status: 500 },
  { status: 503, headers: { 'retry-after': '1' } },
  { status: 429, headers: { 'retry-after': '1' } },
  'hang',
  'cut',
  { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
];

type Figures = {
  queued: number;
  kills: number;
  lost: number;
  repeats: number;
  repeatsWithAnotherBody: number;
  unknownIds: number;
  seconds: number;
};

/**
 * 10,000 deliveries through two nodes, one of which is killed again and again, to receivers that fail: what is lost, what
 * arrives twice. The limit of 5 s for a response is 500 ms here, and waits are 20 to 100 ms, so that it takes minutes.
 */
export async function measureDelivery({ kills }: { kills: number }): Promise<Figures> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-delivery-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'delivery' });
  const db = createDatabase({
    url: postgres.url,
    max: 4,
    logger: createLogger({ level: 'error', name: 'bench' }),
  });
  const receivers: Receiver[] = [];
  const nodes: ChildProcess[] = [];
  try {
    await runMigrations({ url: postgres.url });
    const key = randomBytes(32);
    const rig = createDeliveryRig({ db, key });
    for (const fault of FAULTS) {
      receivers.push(await startReceiver((_, count) => (fault !== null && count % 10 === 0 ? fault : OK)));
    }
    // Down from the start, and up for the second half of the kills.
    const down = await startReceiver(() => OK);
    receivers.push(down);
    await down.down();
    for (const { url } of receivers) {
      await rig.enqueue(PER_CHANNEL, [await rig.addChannel({ secrets: webhookSecrets(url) })]);
    }
    const startedAt = performance.now();
    for (let node = 0; node < 2; node += 1) nodes.push(await startNode(postgres.url, key));
    const posts = () => receivers.reduce((sum, it) => sum + it.posts.length, 0);
    for (let done = 0; done < kills; done += 1) {
      if (done === Math.floor(kills / 2)) await down.up();
      const stopAt = posts() + 1 + Math.floor(Math.random() * 100);
      await waitFor('requests', () => posts() >= stopAt, { everyMs: 1 });
      await kill(nodes[done % 2]!);
      nodes[done % 2] = await startNode(postgres.url, key);
    }
    if (kills === 0) await down.up();
    const queued = PER_CHANNEL * receivers.length;
    await waitFor(
      'all deliveries',
      async () => (await rig.list()).filter((it) => it.status === 'delivered').length === queued,
      { timeoutMs: 1_200_000, everyMs: 500 },
    );
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return { queued, kills, seconds, ...compare(await rig.list(), receivers) };
  } finally {
    await Promise.all(nodes.map(kill));
    await Promise.all(receivers.map((it) => it.close()));
    await db.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function describeDelivery(figures: Figures): string[] {
  return [`delivery     ${JSON.stringify(figures)}`];
}

function compare(rows: readonly { id: string }[], receivers: readonly Receiver[]) {
  const accepted = receivers.flatMap((it) => it.accepted);
  const bodies = new Map<string, Set<string>>();
  for (const { id, body } of accepted) bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
  const known = new Set(rows.map((it) => it.id));
  return {
    lost: rows.filter((it) => !bodies.has(it.id)).length,
    repeats: accepted.length - bodies.size,
    repeatsWithAnotherBody: [...bodies.values()].filter((it) => it.size > 1).length,
    unknownIds: [...bodies.keys()].filter((id) => !known.has(id)).length,
  };
}

async function startNode(url: string, key: Buffer): Promise<ChildProcess> {
  const args = ['--import', 'tsx', PROGRAM, url, key.toString('hex')];
  const node = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(node.stdout!, 'data');
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  node.kill('SIGKILL');
  await once(node, 'exit');
}
