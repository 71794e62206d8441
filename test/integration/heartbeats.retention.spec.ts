import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../src/kit/clock.ts';
import {
  deleteHeartbeatsBefore,
  selectHeartbeats,
  upsertHeartbeat,
} from '../../src/openInterest/operator/collectors/heartbeats.repository.ts';
import { withDatabase } from '../support/withServer.ts';

const database = withDatabase();

describe('silent collectors', () => {
  it('P6 are removed when their last beat is past retention, and the others stay', async () => {
    const { pool } = database;
    for (const collector of ['renamed', 'quiet', 'running']) {
      await upsertHeartbeat(pool, { collector, everySec: 10, jobs: [] });
    }
    await pool.query(
      `update collector_heartbeats set received_at = now() - case collector
         when 'renamed' then interval '31 days' when 'quiet' then interval '29 days' else interval '0' end`,
    );
    expect(await deleteHeartbeatsBefore(pool, new Date(Date.now() - 30 * DAY_MS))).toBe(1);
    expect((await selectHeartbeats(pool)).map((it) => it.heartbeat.collector)).toEqual(['quiet', 'running']);
  });
});

describe('collector names invented with a valid key', () => {
  it('C5 are limited to the 32 with the latest beats', async () => {
    const { pool } = database;
    const names = Array.from({ length: 40 }, (_, i) => `made-up-${String(i).padStart(2, '0')}`);
    for (const collector of names) await upsertHeartbeat(pool, { collector, everySec: 10, jobs: [] });
    expect((await selectHeartbeats(pool)).map((it) => it.heartbeat.collector)).toEqual(names.slice(8));
  });
});
