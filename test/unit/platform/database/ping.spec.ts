import { describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../../../src/kit/clock.ts';
import { createDatabaseHealth } from '../../../../src/platform/database/health.ts';
import { createDatabasePing } from '../../../../src/platform/database/ping.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const answering = {
  query: () => Promise.resolve({ rows: [{ time: 0, read_only: false }], rowCount: 1 }),
};
const standby = { query: () => Promise.resolve({ rows: [{ time: 0, read_only: true }], rowCount: 1 }) };

describe('readiness of the database', () => {
  it('D6 is recent for 10 s after an answer, and not before the first one', async () => {
    const clock = createFakeClock();
    const ping = createDatabasePing(answering, createDatabaseHealth({ clock }), clock);
    expect(ping.isRecent()).toBe(false);
    await ping.ping();
    expect(ping.isRecent()).toBe(true);
    clock.advance(10 * SECOND_MS);
    expect(ping.isRecent()).toBe(true);
    clock.advance(1);
    expect(ping.isRecent()).toBe(false);
  });

  it('D6 is false while the database answers but refuses writes, with the reason', async () => {
    const clock = createFakeClock();
    const ping = createDatabasePing(standby, createDatabaseHealth({ clock }), clock);
    await expect(ping.ping()).rejects.toMatchObject({ code: '25006' });
    expect([ping.isRecent(), ping.fault()]).toEqual([false, 'read only']);
  });

  it('D6 M3 expires on time although the clock was set back by an hour', async () => {
    const clock = createFakeClock();
    const ping = createDatabasePing(answering, createDatabaseHealth({ clock }), clock);
    await ping.ping();
    clock.set(clock.now() - 3_600 * SECOND_MS);
    expect(ping.isRecent()).toBe(false);
    await ping.ping();
    expect(ping.isRecent()).toBe(true);
  });
});
