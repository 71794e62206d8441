import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createTokenSigner } from '../../src/access/tokenSigner.ts';
import { HOUR_MS, MINUTE_MS, systemClock } from '../../src/kit/clock.ts';
import { describeError } from '../../src/kit/errors.ts';
import { aRule } from '../../test/support/alertRules.ts';
import { symbolNames } from '../../test/support/builders.ts';
import { createPool } from '../../test/support/pool.ts';
import { startPrivatePostgres } from '../../test/support/postgres.ts';
import { compilePrograms } from '../../test/support/programs.ts';
import { startReceiver, type Receiver } from '../../test/support/receiver.ts';
import { createSeededRandom } from '../../test/support/seededRandom.ts';
import { createServerBox, TEST_KEYS, type ServerProcess } from '../../test/support/serverProcess.ts';
import { waitFor } from '../../test/support/waitFor.ts';
import { FAULTS, judgeAlerts, type AlertEvidence, type AlertVerdict } from './judge.ts';
import { createMarket } from './market.ts';

/** Symbols that jump before each kill. */
const JUMPS = 4;
/** Symbols that never move. */
const CALM = 10;
const RULES = [aRule({ name: '5 %' }), aRule({ name: '8 %', thresholdPct: 8 })];
const PATHS = ['/0', '/1'];
/** A kill is up to as long after the jump: before, in and after the evaluation, its transaction and the requests. */
const KILL_WITHIN_MS = 1_000;

export type AlertKillFigures = AlertVerdict & {
  kills: number;
  /** Of them the node that evaluated rules. */
  ofEvaluator: number;
  seconds: number;
};

/**
 * Two servers, as operators run them, evaluate two rules and send to two webhooks, while one of them is killed (`kill -9`)
 * again and again, soon after some symbols have jumped: which of the jumps did not arrive, and what arrived twice. No kill
 * begins after `minutes`.
 */
export async function measureAlertKills({
  kills,
  minutes,
}: {
  kills: number;
  minutes: number;
}): Promise<AlertKillFigures> {
  const startedAt = performance.now();
  const postgres = await startPrivatePostgres();
  const box = createServerBox();
  const pool = createPool({ url: postgres.url });
  const receiver = await startReceiver();
  const random = createSeededRandom(30);
  try {
    await compilePrograms(box.newFolder());
    const env = {
      ...TEST_KEYS,
      DATABASE_URL: postgres.url,
      ALERT_SECRETS_KEYS: randomBytes(32).toString('base64'),
      ALERT_RECEIVERS_ALLOW_HTTP: 'true',
      ALERT_RECEIVERS_ALLOW_PRIVATE: 'true',
    };
    const nodes = [await box.start({ env })];
    await untilReady(nodes[0]!);
    nodes.push(await box.start({ env }));
    await untilReady(nodes[1]!);
    const ruleIds = await storeRules(nodes[0]!.url, receiver.url);
    const market = createMarket(
      kills * JUMPS + CALM,
      nodes.map((it) => it.url),
    );
    await market.storePast();
    market.start();
    const jumped: string[] = [];
    let ofEvaluator = 0;
    let round = 0;
    for (; round < kills && performance.now() - startedAt < minutes * MINUTE_MS; round += 1) {
      const symbols = symbolNames(JUMPS, round * JUMPS);
      const posted = market.jump(symbols);
      jumped.push(...symbols);
      await delay(random() * KILL_WITHIN_MS);
      const { pid, port } = nodes[round % 2]!;
      if (await isEvaluator(pool, pid)) ofEvaluator += 1;
      await nodes[round % 2]!.kill();
      await posted;
      nodes[round % 2] = await box.start({ env, port });
      const restarted = await untilReady(nodes[round % 2]!).then(
        () => true,
        () => false,
      );
      // What the other node does is judged all the same.
      if (!restarted) break;
    }
    const crossings = ruleIds.flatMap((id) => jumped.map((symbol) => `${id} ${symbol}`));
    await untilSettled(pool, crossings.length * PATHS.length);
    await market.stop();
    const evidence = { crossings, paths: PATHS, ...(await readEvidence(pool, receiver)) };
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return { kills: round, ofEvaluator, seconds, ...judge(evidence) };
  } finally {
    await box.remove();
    await receiver.close();
    await pool.end();
    await postgres.remove();
  }
}

export function describeAlertKills(figures: AlertKillFigures): string[] {
  const faults = FAULTS.filter((it) => figures[it] > 0);
  return [
    `alerts-kill9 ${JSON.stringify(figures)}`,
    faults.length === 0
      ? 'nothing is lost, and every repeat has its first id'
      : `FAULTS: ${faults.join(', ')}`,
  ];
}

/** Throws when the checker does not notice that the posts of one firing are missing. */
function judge(evidence: AlertEvidence): AlertVerdict {
  const verdict = judgeAlerts(evidence);
  const [first] = evidence.firings;
  const accepted = evidence.accepted.filter(({ body }) => first === undefined || !body.includes(first.id));
  const { lost } = judgeAlerts({ ...evidence, accepted });
  if (lost <= verdict.lost) throw new Error('the checker does not notice a lost delivery');
  return verdict;
}

/** The rules of one user, each for both webhooks; answers their ids. */
async function storeRules(url: string, receiverUrl: string): Promise<string[]> {
  const now = systemClock.now();
  const signer = createTokenSigner({ secret: TEST_KEYS.AUTH_JWT_SECRET });
  const token = await signer.sign({ sub: 'bench', tier: 'pro', issuedAt: now, expiresAt: now + HOUR_MS });
  async function create(path: string, body: object): Promise<string> {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    const created = (await response.json()) as { id: string } | { channel: { id: string } };
    return 'channel' in created ? created.channel.id : created.id;
  }
  const channelIds: string[] = [];
  for (const path of PATHS) {
    const settings = { kind: 'webhook', url: receiverUrl + path };
    channelIds.push(await create('/api/alert-channels', { name: path, settings }));
  }
  const ids: string[] = [];
  for (const rule of RULES) ids.push(await create('/api/alert-rules', { ...rule, channelIds }));
  return ids;
}

/** A busy machine takes minutes to start a server. */
async function untilReady(node: ServerProcess): Promise<void> {
  await waitFor(`${node.url} to be ready`, async () => (await fetch(`${node.url}/readyz`)).ok, {
    timeoutMs: 180_000,
    everyMs: 100,
  }).catch((thrown: unknown) => {
    throw new Error(`${describeError(thrown)}\n${node.output()}`);
  });
}

async function isEvaluator(pool: Pool, pid: ServerProcess['pid']): Promise<boolean> {
  const { rows } = await pool.query<{ node: string }>('select node from alert_evaluator');
  return rows[0]?.node.split(':').at(-2) === String(pid);
}

/** Waits until so many deliveries have arrived; what is missing after two minutes is lost. */
async function untilSettled(pool: Pool, count: number): Promise<void> {
  const settled = waitFor(
    'all deliveries',
    async () => {
      const { rows } = await pool.query<{ delivered: number; waiting: number }>(
        `select count(*) filter (where status = 'delivered')::int as delivered,
           count(*) filter (where status <> 'delivered')::int as waiting from alert_deliveries`,
      );
      return rows[0]!.delivered >= count && rows[0]!.waiting === 0;
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  await settled.catch(() => undefined);
}

async function readEvidence(pool: Pool, { accepted }: Receiver) {
  const firings = await pool.query<{ id: string; ruleId: string; symbol: string }>(
    'select id::text as id, rule_id::text as "ruleId", symbol from alert_firings',
  );
  const deliveries = await pool.query<{ id: string }>('select id::text as id from alert_deliveries');
  return { firings: firings.rows, deliveries: deliveries.rows, accepted };
}
