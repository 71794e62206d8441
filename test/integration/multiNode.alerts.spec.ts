import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { anAlert } from '../support/builders.ts';
import { REPAIRED_MS, startTwoNodes, type Node } from '../support/twoNodes.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

const nodes = withOpened(startTwoNodes, 'close');
let a: Node;
let b: Node;
beforeAll(() => void ({ a, b } = nodes));
afterEach(() => nodes.heal());

async function postAlert(node: Node, source: string): Promise<string> {
  const answer = await node.server.post(
    '/api/open-interest-alerts/ingest',
    anAlert({ timestamp: Date.now(), source }),
  );
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}

function timesAlerted({ socket }: Node, id: string): number {
  return socket.alerts.filter((it) => it.id === id).length;
}

describe('an alert', () => {
  it('B9 is pushed once by each node to its own sockets', async () => {
    const id = await postAlert(a, 'bus up');
    await waitFor('both', () => timesAlerted(a, id) + timesAlerted(b, id) >= 2, { timeoutMs: 5_000 });
    await nodes.repaired();
    expect([timesAlerted(a, id), timesAlerted(b, id)]).toEqual([1, 1]);
  });

  it('B9 is pushed once by each node when it is posted to both at the same time', async () => {
    const alert = anAlert({ timestamp: Date.now(), source: 'posted twice' });
    const answers = await Promise.all(
      [a, b, a, b].map((node) => node.server.post('/api/open-interest-alerts/ingest', alert)),
    );
    const ids = await Promise.all(answers.map(async (it) => ((await it.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    await nodes.repaired();
    expect([timesAlerted(a, ids[0]!), timesAlerted(b, ids[0]!)]).toEqual([1, 1]);
  });

  it('M3 B9 is pushed once by each node over a Redis outage, even by a node with a wrong clock', async () => {
    b.clock.jump(90_000);
    await nodes.repaired();
    await nodes.redis.kill();
    const id = await postAlert(a, 'bus down');
    await waitFor('its own sockets', () => timesAlerted(a, id) === 1);
    await nodes.repaired();
    await waitFor('the other node', () => timesAlerted(b, id) === 1, { timeoutMs: 5_000 });
    await nodes.redis.start();
    await nodes.untilLinked();
    await nodes.repaired();
    expect([timesAlerted(a, id), timesAlerted(b, id)]).toEqual([1, 1]);
  });
});

describe('liquid universe', () => {
  async function universeOf({ server }: Node): Promise<string[]> {
    const body = (await (await server.get('/api/market/open-interest/liquid-universe')).json()) as {
      symbols: { symbol: string }[];
    };
    return body.symbols.map((it) => it.symbol).toSorted();
  }

  async function replace(node: Node, symbols: readonly string[]): Promise<void> {
    const answer = await node.server.post('/api/market/open-interest/liquid-universe/update', {
      symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: 5_000_000 })),
      force: true,
    });
    expect(answer.status).toBe(200);
  }

  it('M1 of one node reaches the other immediately, and within 11 s when Redis is down', async () => {
    await replace(a, ['AUSDT', 'BUSDT']);
    await waitFor('the other node', async () => String(await universeOf(b)) === 'AUSDT,BUSDT', {
      timeoutMs: 5_000,
    });
    await nodes.redis.kill();
    await replace(b, ['BUSDT', 'CUSDT', 'DUSDT']);
    expect(await universeOf(a)).toEqual(['AUSDT', 'BUSDT']);
    a.clock.jump(REPAIRED_MS);
    await waitFor('the other node', async () => String(await universeOf(a)) === 'BUSDT,CUSDT,DUSDT');
  });
});
