import type { Family } from '../faults.types.ts';
import { part, restartServer, type Rig } from '../rig.ts';
import { EMBEDDED, SMALL_DISKS } from './plans.ts';
import { ingestFails } from './probes.ts';

/** The main process of the database that the server has started. */
function embeddedPostgres({ server }: Rig): number {
  const [pid] = server.children();
  if (pid === undefined) throw new Error('the server has started no database');
  return pid;
}

export const embedded: Family = {
  name: 'embedded',
  plan: EMBEDDED,
  faults: [
    {
      name: 'the embedded Postgres is killed',
      inject: (rig) => void process.kill(embeddedPostgres(rig), 'SIGKILL'),
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /embedded Postgres (does not answer|has ended|is not running)/i,
        remedy: /restart this server/i,
        withinSec: 15,
      },
      repair: (rig) => restartServer(rig),
    },
    {
      name: 'production keeps its data on this machine alone',
      inject: (rig) => restartServer(rig, { NODE_ENV: 'production' }),
      bites: ({ server }) => (server.output().includes('DATABASE_URL') ? 'the log warns of it' : null),
      expect: {
        stage: 'database',
        cause: /DATABASE_URL is not set/,
        remedy: /set DATABASE_URL/,
        withinSec: 30,
      },
      repair: (rig) => restartServer(rig),
    },
  ],
};

export const disks: Family = {
  name: 'disks',
  plan: SMALL_DISKS,
  faults: [
    {
      name: 'the disk of Postgres is full',
      inject({ disks: given }) {
        part(given).database.fill();
        return () => part(given).database.empty();
      },
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /disk.*full|no space|53100/i,
        remedy: /disk|space|room/i,
        withinSec: 60,
      },
    },
    {
      name: "the disk of the collector's store is full",
      inject({ disks: given }) {
        part(given).collector.fill();
        return () => part(given).collector.empty();
      },
      bites: ({ collector }) => {
        const line = /[^\n]*(full|ENOSPC|no space)[^\n]*/i.exec(part(collector).output())?.[0];
        return line ? `its log says ${line.slice(0, 120)}` : null;
      },
      expect: {
        stage: 'collector',
        cause: /disk.*full|full.*disk|no space|ENOSPC|SQLITE_FULL/i,
        remedy: /disk|space|room|COLLECTOR_STATE_DIR/i,
        withinSec: 60,
      },
    },
  ],
};
