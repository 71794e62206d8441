import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createDeliveryRig, webhookSecrets } from '../support/deliveryRig.ts';
import { programFile } from '../support/programs.ts';
import { startReceiver } from '../support/receiver.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const KILLS = 4;

const database = withDatabase();
const key = randomBytes(32);
const nodes: ChildProcess[] = [];
const receiver = withOpened(startReceiver, 'close');

afterEach(() => Promise.all(nodes.splice(0).map(kill)));

async function startNode(): Promise<ChildProcess> {
  const args = [programFile('test/support/deliveryNode.js'), database.url, key.toString('hex')];
  const node = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  nodes.push(node);
  await once(node.stdout!, 'data');
  return node;
}

async function kill(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  node.kill('SIGKILL');
  await once(node, 'exit');
}

describe('kill -9 of a sending node', () => {
  it('K1 K2 K3 loses no delivery, and each repeat has the id and body of the first attempt', async () => {
    const rig = createDeliveryRig({ db: database.db, key });
    const channels: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      channels.push(await rig.addChannel({ secrets: webhookSecrets(`${receiver.url}/${i}`) }));
    }
    let queued = 0;
    const running = [startNode(), startNode()];
    for (let round = 0; round < KILLS; round += 1) {
      await rig.enqueue(12, channels);
      queued += 12 * channels.length;
      // Somewhere among the requests of this round: between them, in one, or before its record.
      const stopAt = receiver.posts.length + 1 + Math.floor(Math.random() * 25);
      await waitFor('requests', () => receiver.posts.length >= stopAt, { everyMs: 1 });
      await kill(await running[round % 2]!);
      running[round % 2] = startNode();
    }
    await Promise.all(running);
    await waitFor('all deliveries', async () => {
      const rows = await rig.list();
      return rows.every((it) => it.status === 'delivered');
    });
    const rows = await rig.list();
    const bodies = new Map<string, Set<string>>();
    for (const { id, body } of receiver.accepted) bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
    const verdict = {
      kills: KILLS,
      queued,
      lost: rows.filter((it) => !bodies.has(it.id)).length,
      repeats: receiver.accepted.length - bodies.size,
      changed: [...bodies.values()].filter((it) => it.size > 1).length,
      unknown: [...bodies.keys()].filter((id) => !rows.some((it) => it.id === id)).length,
    };
    process.stdout.write(`K1 ${JSON.stringify(verdict)}\n`);
    expect(rows).toHaveLength(queued);
    expect(verdict).toMatchObject({ lost: 0, changed: 0, unknown: 0 });
  });
});
