import type { Family, Fault } from '../faults.types.ts';
import { part, type Rig } from '../rig.ts';
import { WHOLE } from './plans.ts';

const TEN_MINUTES_MS = 600_000;
/** Samples with such times are delivered when their time comes, so the repair takes as long as the fault is large. */
const EXCHANGE_AHEAD_MS = 180_000;

type Owner = 'exchange' | 'collector' | 'node' | 'database';

function setClock(rig: Rig, owner: Owner, aheadMs: number): unknown {
  if (owner === 'exchange') return part(rig.exchange).faults({ clockSkewMs: aheadMs });
  if (owner === 'database') return part(rig.database).setClock(aheadMs);
  const program = owner === 'collector' ? part(rig.collector) : rig.server;
  return program.suffer({ clockAheadMs: aheadMs });
}

/** What it says itself about the time, against ours. */
async function readAheadSec(rig: Rig, owner: Owner): Promise<number> {
  if (owner === 'exchange') {
    const answer = await fetch(`${part(rig.exchange).url}/fapi/v1/time`);
    const { serverTime } = (await answer.json()) as { serverTime: number };
    return (serverTime - Date.now()) / 1_000;
  }
  if (owner === 'node') {
    const answer = await fetch(`${rig.url}/health`);
    const { timestamp } = (await answer.json()) as { timestamp: string };
    return (Date.parse(timestamp) - Date.now()) / 1_000;
  }
  const { admin, connect } = part(rig.database);
  if (owner === 'database') {
    const session = await connect();
    const { rows } = await session.query<{ ms: number }>(
      'select extract(epoch from now())::float8 * 1000 as ms',
    );
    await session.end();
    return (rows[0]!.ms - Date.now()) / 1_000;
  }
  const query = `select (body->>'sentAt')::float8 - extract(epoch from received_at) * 1000 as ms
    from collector_heartbeats`;
  const [beat] = (await admin(query)) as { ms: number }[];
  return Number(beat?.ms ?? 0) / 1_000;
}

const SAYS: Record<Owner, string> = {
  exchange: 'the exchange',
  collector: 'oi-collector',
  node: 'this node',
  database: 'the database',
};

function clockOf(owner: Owner, aheadMs: number): Fault {
  const direction = aheadMs > 0 ? 'ahead' : 'behind';
  const minutes = Math.abs(aheadMs) / 60_000;
  const off = `clock of (${SAYS[owner]}) is (${minutes}m|${minutes - 1}m 59s|${minutes}m 0[01]s) ${direction}`;
  return {
    name: `the clock of the ${owner} is ${minutes} min ${direction}`,
    ...(owner === 'database' && { prepare: (rig) => setClock(rig, owner, 0) }),
    async inject(rig) {
      await setClock(rig, owner, aheadMs);
      return () => setClock(rig, owner, 0);
    },
    async bites(rig) {
      const aheadSec = await readAheadSec(rig, owner);
      return Math.abs(aheadSec * 1_000 - aheadMs) < 60_000
        ? `it is ${aheadSec.toFixed(0)}s ahead of ours`
        : null;
    },
    expect: {
      stage: 'clocks',
      cause: new RegExp(off),
      remedy: owner === 'exchange' ? /wait/ : /set-ntp/,
      withinSec: 60,
    },
    okWithinSec: 300,
  };
}

export const clocks: Family = {
  name: 'clocks',
  plan: WHOLE,
  faults: (['exchange', 'collector', 'node', 'database'] as const).flatMap((owner) => [
    clockOf(owner, owner === 'exchange' ? EXCHANGE_AHEAD_MS : TEN_MINUTES_MS),
    clockOf(owner, -TEN_MINUTES_MS),
  ]),
};
