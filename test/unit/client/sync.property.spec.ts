import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBoardSync, type BoardSync } from '../../../src/client/sync.driver.ts';
import type { SyncInput, SyncState } from '../../../src/client/sync.types.ts';
import { createBoard, type Board } from '../../../src/openInterest/board/board.ts';
import { encodeBody, encodeUpdate } from '../../../src/openInterest/board/frames.shared.ts';
import { FRAMES, type BodyFrame } from '../../../src/openInterest/board/frames.types.ts';
import type { BoardBody, BoardPosition } from '../../../src/openInterest/openInterest.types.ts';
import { aSample, membersOf } from '../../support/builders.ts';
import { createFakeClock, type FakeClock } from '../../support/fakeClock.ts';
import type { RowEncoding } from '../../../src/sockets/sockets.types.ts';
import { aBody, aHello } from '../dashboard/boardMessages.ts';

const SYMBOLS = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'];

/** What can happen to a server and to the line between it and a client. */
const Event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('sample'), symbol: fc.nat(3), ageMs: fc.nat(5_000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), symbol: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('volumes'), volume: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pulse') }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver'), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drop'), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('duplicate'), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('paint') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), kept: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(4_000) }) },
);
type Event = typeof Event extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * The server's real board, a line that loses, doubles and reorders, and the client under test, which is sent named rows
 * or columns.
 */
function createWorld(encoding: RowEncoding, random: () => number) {
  const clock: FakeClock = createFakeClock(0);
  const line: (() => void)[] = [];
  const violations: string[] = [];
  let board: Board = createBoard({ epoch: 'run-0', withLastDay: true });
  let runs = 0;
  let held: SyncState['board'] = null;

  const sync: BoardSync = createBoardSync({
    clock,
    random,
    ask: (position) =>
      new Promise<BoardBody | BodyFrame>((resolve) => send(() => send(() => resolve(answerTo(position))))),
    renewConnection: reconnect,
    onChange(state) {
      noteBackwardSteps(held, state.board);
      held = state.board;
    },
  });

  function noteBackwardSteps(before: SyncState['board'], after: SyncState['board']): void {
    if (before === null || before.epoch !== after?.epoch) return;
    if (after.seq < before.seq) violations.push(`seq fell from ${before.seq} to ${after.seq}`);
    for (const [symbol, { ts }] of before.rows) {
      const now = after.rows.get(symbol);
      if (now && now.ts < ts) violations.push(`${symbol} fell from ${ts} to ${now.ts}`);
    }
  }

  function bodySince(position: BoardPosition | null): BoardBody {
    return aBody({ ...board.since(position), epoch: board.epoch });
  }

  function answerTo(position: BoardPosition | null): BoardBody | BodyFrame {
    const body = bodySince(position);
    return encoding === 'named' ? body : overTheWire(encodeBody(body, board.ids()));
  }

  function send(message: () => void): void {
    line.push(message);
  }

  function tell(input: SyncInput): void {
    send(() => sync.take(input));
  }

  function reconnect(): void {
    // What was on its way over the old connection is lost.
    line.length = 0;
    sync.take({ kind: 'lost' });
    sync.take({ kind: 'opened' });
    tell({
      kind: 'hello',
      hello: aHello({
        epoch: board.epoch,
        seq: board.seq(),
        ...(encoding === 'columns' && {
          frames: FRAMES,
          symbols: Array.from(board.ids(), ([symbol, id]): [number, string] => [id, symbol]),
        }),
      }),
    });
  }

  function publish(): void {
    if (!board.hasUnpublished()) return;
    const { entered, newFacts, ...window } = board.closeWindow();
    const update = { ...window, asOf: clock.now(), serverTime: clock.now() };
    if (encoding === 'named') return tell({ kind: 'update', update });
    const frame = encodeUpdate(update, { entered, newFacts, ids: board.ids() });
    tell({ kind: 'frame', frame: overTheWire(frame) });
  }

  function pulse(): void {
    tell({ kind: 'pulse', pulse: { epoch: board.epoch, seq: board.seq(), serverTime: clock.now() } });
  }

  const newestTs = new Map<string, number>();
  function sample(symbol: string, ageMs: number): void {
    const ts = clock.now() - ageMs;
    // The server refuses a symbol that left with an older sample than its last.
    if (!board.get(symbol) && ts <= (newestTs.get(symbol) ?? -Infinity)) return;
    const outcome = board.apply(aSample({ symbol, ts, openInterest: ts }), 'poller');
    if (outcome === 'replace') newestTs.set(symbol, ts);
  }

  function restart(kept: number): void {
    const survivors = [...board.entries()].slice(0, kept).map((it) => it.sample);
    runs += 1;
    board = createBoard({ epoch: `run-${runs}`, withLastDay: true });
    newestTs.clear();
    for (const survivor of survivors) board.apply({ ...survivor, ts: survivor.ts - 1 }, 'database');
    reconnect();
  }

  function pick(index: number): number {
    return index % line.length;
  }

  async function play(event: Event): Promise<void> {
    if ('symbol' in event && 'ageMs' in event) sample(SYMBOLS[event.symbol]!, event.ageMs);
    else if ('symbol' in event) board.remove(SYMBOLS[event.symbol]!);
    else if ('volume' in event) board.setMembers(membersOf(SYMBOLS.map((it) => [it, event.volume])));
    else if ('kept' in event) restart(event.kept);
    else if ('ms' in event) clock.advance(event.ms);
    else if (event.do === 'publish') publish();
    else if (event.do === 'pulse') pulse();
    else if (event.do === 'paint') tell({ kind: 'painted', body: bodySince(null) });
    else if (event.do === 'reconnect') reconnect();
    else if (line.length > 0 && 'pick' in event) {
      if (event.do === 'deliver') line.splice(pick(event.pick), 1)[0]!();
      else if (event.do === 'drop') line.splice(pick(event.pick), 1);
      else line.push(line[pick(event.pick)]!);
    }
    await settle();
  }

  async function drain(): Promise<void> {
    while (line.length > 0) {
      line.shift()!();
      await settle();
    }
  }

  /** A minute in which nothing is lost. */
  async function calmDown(): Promise<void> {
    publish();
    for (let i = 0; i < 60; i += 1) {
      if (i % 5 === 0) pulse();
      await drain();
      clock.advance(1_000);
      await settle();
    }
    await drain();
  }

  reconnect();
  return {
    play,
    calmDown,
    violations,
    asks: () => sync.state().asks,
    client: () => ({
      epoch: held?.epoch,
      seq: held?.seq,
      rows: Object.fromEntries(held?.rows ?? []),
    }),
    server: () => ({
      epoch: board.epoch,
      seq: board.seq(),
      rows: Object.fromEntries([...board.entries()].map(({ row }) => [row.symbol, row])),
    }),
  };
}

function overTheWire<Message>(message: Message): Message {
  return JSON.parse(JSON.stringify(message)) as Message;
}

/** Lets the callbacks of settled promises run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await Promise.resolve();
}

describe.each<RowEncoding>(['named', 'columns'])('board sync with rows that are %s', (encoding) => {
  const story = fc.array(Event, { minLength: 20, maxLength: 120, size: 'max' });

  it('equals the server once messages settle, for any loss, duplication, reordering or restart', async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.infiniteStream(fc.nat(999)), async (events, luck) => {
        const world = createWorld(encoding, () => (luck.next().value ?? 0) / 1_000);
        for (const event of events) await world.play(event);
        await world.calmDown();
        expect(world.client()).toEqual(world.server());
      }),
      { numRuns: 300 },
    );
  });

  it('never shows an older sample of an epoch after a newer one, and never falls back in seq', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (events) => {
        const world = createWorld(encoding, () => 0);
        for (const event of events) await world.play(event);
        expect(world.violations).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('sends no sync request on a lossless connection', async () => {
    const world = createWorld(encoding, () => 0.5);
    await world.calmDown();
    const before = world.asks();
    for (let i = 0; i < 50; i += 1) {
      await world.play({ do: 'sample', symbol: i % 4, ageMs: 0 });
      await world.play({ do: 'publish' });
      await world.play({ do: 'deliver', pick: 0 });
      await world.play({ do: 'wait', ms: 1_000 });
    }
    expect(world.client()).toEqual(world.server());
    expect(world.asks()).toBe(before);
  });
});
