import { INGEST_KEY, OPERATOR_KEY } from '../../support/testServer.ts';
import type { Family, Fault } from '../faults.types.ts';
import { part, restartCollector, restartServer, type Rig } from '../rig.ts';
import { WHOLE } from './plans.ts';
import { boardIsOlderThan, readAsOperator, readBoard } from './probes.ts';

/** Started with a setting that is wrong; started again without. */
function startedWith(
  name: string,
  changed: Record<string, string>,
  rest: Pick<Fault, 'bites' | 'expect'>,
): Fault {
  return {
    name,
    inject: (rig) => restartCollector(rig, changed),
    repair: (rig) => restartCollector(rig),
    ...rest,
  };
}

function logSays(pattern: RegExp): Fault['bites'] {
  return ({ collector }) => {
    const found = pattern.exec(part(collector).output())?.[0];
    return found ? `its log says ${found.slice(0, 120)}` : null;
  };
}

const isDead = { stage: 'collector', cause: /beat.* ago|no heartbeat/i, withinSec: 45 };

/** Beats of more than one start arrive under the usual name. */
async function beatsInTurn({ database }: Rig): Promise<string | null> {
  const query = "select body->>'startedAt' as at from collector_heartbeats where collector = 'oi-collector'";
  const starts = new Set<string>();
  for (let look = 0; look < 30; look += 1) {
    const [beat] = (await part(database).admin(query)) as { at: string }[];
    if (beat) starts.add(beat.at);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return starts.size > 1 ? `beats of ${starts.size} starts come in turn` : null;
}

/** The second collector has missed beats. */
async function secondIsSilent({ database }: Rig): Promise<string | null> {
  const query = `select extract(epoch from now() - received_at)::float8 as age
    from collector_heartbeats where collector = 'oi-second'`;
  const [beat] = (await part(database).admin(query)) as { age: number }[];
  return beat && beat.age > 20 ? `its last beat is ${Math.round(beat.age)}s old` : null;
}

export const collector: Family = {
  name: 'collector',
  plan: WHOLE,
  faults: [
    {
      name: 'the collector is killed',
      inject: ({ collector }) => part(collector).kill(),
      bites: boardIsOlderThan(15),
      expect: { ...isDead, remedy: /start/i },
      repair: ({ collector }) => part(collector).start(),
    },
    {
      name: 'the collector hangs',
      inject({ collector }) {
        part(collector).signal('SIGSTOP');
        return () => part(collector).signal('SIGCONT');
      },
      bites: boardIsOlderThan(15),
      expect: { ...isDead, remedy: /start/i },
    },
    startedWith(
      'it posts to an address where nothing listens',
      { VOLSPIKE_API_URL: 'http://127.0.0.1:1' },
      {
        bites: boardIsOlderThan(15),
        expect: { ...isDead, remedy: /VOLSPIKE_API_URL/ },
      },
    ),
    startedWith(
      'it posts with an unknown key',
      { VOLSPIKE_API_KEY: `${INGEST_KEY}x` },
      {
        bites: logSays(/[^\n]*401[^\n]*/),
        expect: {
          stage: 'collector',
          cause: /401/,
          remedy: /VOLSPIKE_API_KEY|INGEST_API_KEYS/,
          withinSec: 45,
        },
      },
    ),
    startedWith(
      "it posts with an operator's key",
      { VOLSPIKE_API_KEY: OPERATOR_KEY },
      {
        bites: logSays(/[^\n]*403[^\n]*/),
        expect: {
          stage: 'collector',
          cause: /403/,
          remedy: /VOLSPIKE_API_KEY|INGEST_API_KEYS/,
          withinSec: 45,
        },
      },
    ),
    startedWith(
      'the price stream has no address',
      { BINANCE_WS_URL: 'ws://127.0.0.1:1' },
      {
        bites: logSays(/[^\n]*(ECONNREFUSED|stream)[^\n]*/),
        expect: {
          stage: 'collector',
          cause: /mark-prices (down|slow|paused)/,
          remedy: /BINANCE_WS_URL|stream/,
          withinSec: 60,
        },
      },
    ),
    {
      name: 'the price stream is silent',
      async inject({ exchange }) {
        await part(exchange).faults({ silentSockets: true, dropSockets: true });
        return () => part(exchange).faults({ reset: true });
      },
      async bites({ exchange }) {
        const { silentSockets } = (await readAsOperator(part(exchange).url, '/simulator/faults')) as {
          silentSockets: boolean;
        };
        return silentSockets ? 'its sockets say nothing' : null;
      },
      expect: { stage: 'collector', cause: /mark-prices (down|slow|paused)/, withinSec: 90 },
    },
    {
      name: 'the stream leaves all prices out',
      async inject(rig) {
        await part(rig.exchange).faults({ withoutMarkPrice: rig.symbols });
        await restartCollector(rig, { COLLECTOR_STATE_DIR: `${rig.folder}/without-prices` });
        return () => part(rig.exchange).faults({ reset: true });
      },
      async bites({ url, symbols }) {
        const entries = (await readBoard(url)).filter((it) => symbols.includes(it.symbol));
        const without = entries.filter((it) => it.openInterestUsd === null).length;
        return without > symbols.length / 2 ? `${without} symbols without USD` : null;
      },
      // A collector without state counts what the previous one used as the use of others, until the exchange's minute ends.
      expect: { stage: 'board', cause: /without USD/, remedy: /price/i, withinSec: 180 },
      repair: (rig) => restartCollector(rig),
    },
    {
      name: 'the universe job is off',
      async inject(rig) {
        await restartCollector(rig, {}, ['mark-prices', 'poller', 'backfill']);
        await part(rig.database).admin(
          "update open_interest_liquid_state set updated_at = now() - interval '1 hour'",
        );
        await restartServer(rig);
      },
      async bites({ url }) {
        const answer = await fetch(`${url}/api/market/open-interest/liquid-universe`);
        const { updatedAt } = (await answer.json()) as { updatedAt: string };
        return Date.now() - Date.parse(updatedAt) > 3_000_000 ? `updated at ${updatedAt}` : null;
      },
      expect: { stage: 'universe', cause: /updated (1h|6\dm?)/, remedy: /liquid.universe/, withinSec: 60 },
      repair: (rig) => restartCollector(rig),
    },
    {
      name: 'two collectors have one name',
      inject(rig) {
        const second = rig.newCollector({ COLLECTOR_STATE_DIR: `${rig.folder}/second` });
        second.start();
        return () => second.kill();
      },
      bites: beatsInTurn,
      expect: {
        stage: 'collector',
        cause: /two|both|same name|twice/i,
        remedy: /COLLECTOR_NAME/,
        withinSec: 60,
      },
    },
    {
      name: 'a second collector is gone for good',
      async inject(rig) {
        const second = rig.newCollector({ COLLECTOR_NAME: 'oi-second' });
        second.start();
        await new Promise((resolve) => setTimeout(resolve, 15_000));
        await second.kill();
      },
      bites: secondIsSilent,
      expect: {
        stage: 'collector',
        // That it may be retired is said once it counts as dead.
        cause: /oi-second beat (5\ds|1m)/,
        // Typed as it is printed, it has to be enough.
        remedy: /curl .*-X DELETE .*\/api\/collectors\/oi-second/,
        withinSec: 90,
      },
    },
  ],
};
