import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../../../src/kit/clock.ts';
import { retry, type Delivery } from '../../../../src/collector/server/delivery.ts';
import { createDeadLetters, DEAD_LETTER_FILE } from '../../../../src/collector/spool/deadLetters.ts';
import { createOutbox, type Outbox } from '../../../../src/collector/spool/outbox.ts';
import { createSender, type Sender } from '../../../../src/collector/spool/sender.ts';
import { createSpool, type Spool } from '../../../../src/collector/spool/spool.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

const SQLITE_IOERR_READ = 266;
const SQLITE_CORRUPT = 11;

type Post = { to: 'alert' | 'ingest'; body: string; at: number };

const accepted: Delivery = { outcome: 'accepted', body: { inserted: 1, duplicates: 0, rejected: [] } };

const dir = withEach(createTempDir, 'remove');

describe('sender', () => {
  let clock: FakeClock;
  let store: Store;
  let spool: Spool;
  let sender: Sender;
  let outbox: Outbox;
  let warnings: unknown[][];
  let posts: Post[];
  /** The server's answer to each post; may be a promise. */
  let answer: (post: Post) => Delivery | Promise<Delivery>;

  beforeEach(async () => {
    clock = createFakeClock();
    posts = [];
    warnings = [];
    answer = () => accepted;
    store = await openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    spool = createSpool({ store, clock, logger: silentLogger });
    const post = (to: Post['to']) => async (body: string) => {
      const it = { to, body, at: clock.now() };
      posts.push(it);
      return (await answer(it)) as never;
    };
    sender = createSender({
      spool,
      server: { ingest: post('ingest'), alert: post('alert') },
      deadLetters: createDeadLetters({ dir: dir.path, clock, logger: silentLogger }),
      clock,
      logger: { ...silentLogger, warn: (...said: unknown[]) => warnings.push(said) } as never,
      random: () => 1,
    });
    outbox = createOutbox({ spool, sender, clock });
  });
  afterEach(async () => {
    outbox.stop();
    await sender.stop();
    store.close();
  });

  /** Moves time in small steps and lets promises settle after each. */
  async function pass(ms: number, each?: (now: number) => void): Promise<void> {
    for (let done = 0; done < ms; done += 100) {
      clock.advance(100);
      each?.(clock.now());
      for (let turns = 0; turns < 4; turns += 1) await nextTurn();
    }
  }

  const idsOf = (post: Post) => (JSON.parse(post.body) as { data: { id: number }[] }).data.map((it) => it.id);

  it('batches what arrives within half a second, and sends an alert immediately', async () => {
    for (let id = 0; id < 5; id += 1) outbox.put('live', [{ id }]);
    outbox.put('alert', [{ id: 'ALERT' }]);
    await pass(100);
    expect(posts).toEqual([{ to: 'alert', body: '{"id":"ALERT"}', at: expect.any(Number) }]);
    await pass(400);
    expect(posts).toHaveLength(2);
    expect(idsOf(posts[1]!)).toEqual([0, 1, 2, 3, 4]);
    expect(spool.status()).toMatchObject({ delivered: 6, waiting: 0 });
  });

  /** A server whose clock is at that time refuses samples more than a minute ahead of it. */
  function answerByClock(serverNow: () => number): void {
    answer = (post) => {
      const { data } = JSON.parse(post.body) as { data: { id: number; ts: number }[] };
      const early = data.filter((it) => it.ts > serverNow() + 60 * SECOND_MS);
      if (early.length === data.length) {
        return {
          ...retry('400 no_valid_items: No valid data items'),
          status: 400,
          waitsForTime: true,
        } as Delivery;
      }
      const rejected = early.map(() => ({ symbol: 'A', code: 'ts_in_future', message: 'lies ahead' }));
      return { outcome: 'accepted', body: { inserted: data.length - early.length, duplicates: 0, rejected } };
    };
  }

  it('Q1 keeps samples ahead of the server’s clock, and sends them when it has caught up', async () => {
    let behindMs = 10 * 60 * SECOND_MS;
    answerByClock(() => clock.now() - behindMs);
    for (let id = 0; id < 5; id += 1) {
      outbox.put('live', [{ id, ts: clock.now() }]);
      await pass(2 * SECOND_MS);
    }
    await pass(60 * SECOND_MS);
    expect(spool.status()).toMatchObject({
      waiting: 5,
      waitingForTime: 5,
      dead: 0,
      refused: 0,
      delivered: 0,
    });
    expect(existsSync(path.join(dir.path, DEAD_LETTER_FILE))).toBe(false);
    expect(warnings.length).toBeLessThanOrEqual(2);
    expect(sender.isFailing()).toBe(false);
    const before = posts.length;
    await pass(60 * SECOND_MS);
    expect(posts.length - before).toBeLessThanOrEqual(10);
    behindMs = 0;
    await pass(120 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 0, waitingForTime: 0, delivered: 5 });
  });

  it('Q1 resends a chunk that lies partly ahead until all of it is accepted', async () => {
    const startedAt = clock.now();
    answerByClock(() => clock.now());
    outbox.put('live', [{ id: 1, ts: startedAt }]);
    outbox.put('live', [{ id: 2, ts: startedAt + 90 * SECOND_MS }]);
    await pass(10 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 2, refused: 0, delivered: 0 });
    await pass(100 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 0, refused: 0, delivered: 2 });
    expect(new Set(posts.map((it) => it.body)).size).toBe(1);
  });

  it('keeps posting live chunks to a server that answers 503, so that every symbol reaches it', async () => {
    answer = () =>
      ({ ...retry('503 database_unavailable: later', false, 2 * SECOND_MS), status: 503 }) as Delivery;
    let id = 0;
    // 340 symbols in ten seconds, for two minutes.
    await pass(120 * SECOND_MS, () => {
      for (let part = 0; part < 3; part += 1) {
        outbox.put('live', [{ id: id % 340 }]);
        id += 1;
      }
    });
    const waits = posts.slice(1).map((it, i) => it.at - posts[i]!.at);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3.5 * SECOND_MS);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2 * SECOND_MS - 100);
    const recent = posts.filter((it) => it.at > clock.now() - 40 * SECOND_MS);
    expect(new Set(recent.flatMap(idsOf)).size).toBeGreaterThan(330);
    expect(spool.status()).toMatchObject({ delivered: 0, dropped: 0 });
    answer = () => accepted;
    await pass(120 * SECOND_MS);
    expect(spool.status()).toMatchObject({ delivered: id, waiting: 0 });
  });

  it('sends a full chunk without waiting, with at most 100 items', async () => {
    for (let id = 0; id < 250; id += 1) outbox.put('live', [{ id }]);
    await pass(1_000);
    expect(posts.map((it) => idsOf(it).length).toSorted((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  it('Q5 retries with the same bytes after growing waits of at most a minute', async () => {
    answer = () => retry('503');
    outbox.put('alert', [{ id: 1 }]);
    await pass(200 * SECOND_MS);
    expect(new Set(posts.map((it) => it.body))).toEqual(new Set(['{"id":1}']));
    const waits = posts.slice(1).map((it, i) => it.at - posts[i]!.at);
    expect(posts.length).toBeGreaterThanOrEqual(6);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits[0]).toBeLessThanOrEqual(2 * SECOND_MS);
    // Half a minute between attempts, and a minute for one chunk that fails.
    expect(Math.max(...waits)).toBeLessThanOrEqual(61 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 1, dead: 0 });
    answer = () => accepted;
    await pass(61 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 0, delivered: 1 });
  });

  it('Q5 sends nothing before Retry-After ends, live or backlog', async () => {
    for (let id = 0; id < 100; id += 1) outbox.put('live', [{ id }]);
    answer = () => retry('429', false, 20 * SECOND_MS);
    await pass(600);
    const first = posts.length;
    expect(first).toBeGreaterThan(0);
    await pass(19 * SECOND_MS, () => outbox.put('live', [{ id: -1 }]));
    expect(posts).toHaveLength(first);
    answer = () => accepted;
    await pass(2 * SECOND_MS);
    expect(posts.length).toBeGreaterThan(first);
  });

  it('Q5 writes permanently refused chunks to the dead letters once, and continues', async () => {
    answer = (post) =>
      post.body.includes('"bad"')
        ? { outcome: 'refused', status: 400, reason: '400 no_valid_items' }
        : accepted;
    outbox.put('live', [{ id: 'bad' }]);
    outbox.flush();
    await pass(100);
    outbox.put('live', [{ id: 7 }]);
    await pass(30 * SECOND_MS);
    expect(posts).toHaveLength(2);
    expect(spool.status()).toMatchObject({ dead: 1, delivered: 1, waiting: 0 });
    const letters = readFileSync(`${dir.path}/${DEAD_LETTER_FILE}`, 'utf8').trim().split('\n');
    expect(letters.map((it) => JSON.parse(it) as unknown)).toMatchObject([
      { what: 'chunk', status: 400, reason: '400 no_valid_items', body: expect.stringContaining('"bad"') },
    ]);
  });

  it('Q4 keeps live chunks flowing while the backlog, oldest first, sends five chunks a second', async () => {
    answer = () => retry('the server is down');
    let id = 0;
    // 20 samples a second for two minutes of outage, then two minutes of catching up.
    const read = () => {
      for (let i = 0; i < 2; i += 1) outbox.put('live', [{ id: id++, at: clock.now() }]);
    };
    await pass(120 * SECOND_MS, read);
    const missed = id;
    answer = () => accepted;
    // A failed chunk is retried after half a minute at the latest.
    await pass(31 * SECOND_MS, read);
    posts = [];
    const from = clock.now();
    await pass(10 * SECOND_MS, read);
    const items = posts.flatMap((post) => {
      const { data } = JSON.parse(post.body) as { data: { id: number; at: number }[] };
      return data.map((it) => ({ ...it, delayMs: post.at - it.at }));
    });
    const live = items.filter((it) => it.at >= from - SECOND_MS);
    const old = items.filter((it) => it.id < missed);
    expect(live.length).toBeGreaterThanOrEqual(20 * 9);
    expect(Math.max(...live.map((it) => it.delayMs))).toBeLessThanOrEqual(SECOND_MS);
    // A chunk contains the readings of half a second.
    expect(old.length).toBeGreaterThan(4 * 10 * 10);
    expect(old.length).toBeLessThanOrEqual(5 * 10 * 10 + 10);
    expect(old.map((it) => it.id)).toEqual(old.map((it) => it.id).toSorted((a, b) => a - b));
  });

  it('Q4 leaves live chunks four fifths of the time of a slow server', async () => {
    for (let id = 0; id < 2_000; id += 1) outbox.put('backlog', [{ id }]);
    answer = () =>
      new Promise((resolve) => {
        clock.after(SECOND_MS, () => resolve(accepted));
      });
    await pass(51 * SECOND_MS);
    expect(posts.length).toBeGreaterThanOrEqual(9);
    expect(posts.length).toBeLessThanOrEqual(11);
    // Lets the last one be answered.
    await pass(2 * SECOND_MS);
  });

  it('drains the backlog without live chunks too', async () => {
    for (let id = 0; id < 2_000; id += 1) outbox.put('backlog', [{ id }]);
    await pass(5 * SECOND_MS);
    expect(spool.status()).toMatchObject({ waiting: 0, delivered: 2_000 });
    expect(posts).toHaveLength(20);
  });

  it('sends own readings before backfill, which can be fetched again', async () => {
    answer = () => retry('the server is down');
    outbox.put('backlog', [{ id: 'chart' }]);
    outbox.flush();
    outbox.put('live', [{ id: 'read' }]);
    outbox.flush();
    await pass(10 * SECOND_MS);
    posts = [];
    answer = () => accepted;
    await pass(31 * SECOND_MS);
    expect(posts.map((it) => /chart|read/.exec(it.body)![0])).toEqual(['read', 'chart']);
  });

  it('I9 continues when a single chunk or alert keeps failing', async () => {
    answer = (post) => (post.body.includes('"poison"') ? retry('500') : accepted);
    outbox.put('alert', [{ id: 'poison' }]);
    outbox.put('live', [{ id: 'poison' }]);
    outbox.flush();
    await pass(SECOND_MS);
    const from = clock.now();
    for (let second = 0; second < 20; second += 1) {
      outbox.put('live', [{ id: second }]);
      outbox.put('alert', [{ id: second }]);
      await pass(SECOND_MS);
    }
    const good = posts.filter((it) => it.at >= from && !it.body.includes('poison'));
    expect(good).toHaveLength(40);
    expect(spool.status()).toMatchObject({ waiting: 2, delivered: 40 });
  });

  it('counts items refused inside an accepted chunk', async () => {
    answer = () => ({
      outcome: 'accepted',
      body: { inserted: 1, duplicates: 0, rejected: [{ symbol: 'X', code: 'ts_too_old', message: '' }] },
    });
    outbox.put('live', [{ id: 1 }]);
    outbox.put('live', [{ id: 2 }]);
    await pass(SECOND_MS);
    expect(spool.status()).toMatchObject({ delivered: 1, refused: 1, waiting: 0 });
  });

  it('O3 logs the number of refused samples once a minute, not with every chunk', async () => {
    answer = () => ({
      outcome: 'accepted',
      body: { inserted: 0, duplicates: 0, rejected: [{ symbol: 'X', code: 'ts_too_old', message: '' }] },
    });
    await pass(90 * SECOND_MS, () => outbox.put('live', [{ id: 1 }]));
    const said = warnings.filter((it) => it[1] === 'server rejected samples');
    expect(said.length).toBe(2);
    expect(said[0]![0]).toEqual({ rejected: 1, symbol: 'X', code: 'ts_too_old' });
    expect((said[1]![0] as { rejected: number }).rejected).toBeGreaterThan(100);
  });

  it('retries while the disk cannot be read, and ends the process when the store is broken', async () => {
    const { itemsOf } = spool;
    const readFault = (message: string, errcode: number) => () => {
      throw Object.assign(new Error(message), { errcode });
    };
    spool.itemsOf = readFault('disk I/O error', SQLITE_IOERR_READ);
    outbox.put('alert', [{ id: 1 }]);
    await pass(SECOND_MS);
    spool.itemsOf = itemsOf;
    await pass(10 * SECOND_MS);
    expect(spool.status()).toMatchObject({ delivered: 1, waiting: 0 });
    spool.itemsOf = readFault('database disk image is malformed', SQLITE_CORRUPT);
    outbox.put('alert', [{ id: 2 }]);
    await expect(pass(SECOND_MS)).rejects.toThrow('database disk image is malformed');
    expect(spool.status()).toMatchObject({ waiting: 1, dead: 0 });
  });

  it('drains live data on stop, and does not hang on an unavailable server', async () => {
    outbox.put('live', [{ id: 1 }]);
    outbox.flush();
    await sender.drain();
    expect(spool.status().waiting).toBe(0);
    answer = () => retry('down');
    outbox.put('live', [{ id: 2 }]);
    outbox.flush();
    await sender.drain();
    expect(spool.status().waiting).toBe(1);
  });
});
