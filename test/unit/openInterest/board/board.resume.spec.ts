import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBoard, type Board } from '../../../../src/openInterest/board/board.ts';
import type { MemberFacts, Sample } from '../../../../src/openInterest/openInterest.types.ts';
import { aSample, membersOf } from '../../../support/builders.ts';
import { anySample, anySymbol } from '../arbitraries.ts';
import { createModelClient, type ModelBody, type ModelClient, type ModelUpdate } from '../modelClient.ts';

type InFlight = { update: ModelUpdate } | { question: number; body: ModelBody };

type Step =
  | { do: 'sample'; sample: Sample; from: 'poller' | 'database' }
  | { do: 'members'; members: ReadonlyMap<string, MemberFacts> }
  | { do: 'remove'; symbol: string }
  | { do: 'publish' | 'ask' | 'restart' }
  | { do: 'deliver' | 'lose' | 'repeat'; which: number };

/** Mostly the oldest message, so that the client often follows for a while before it is thrown out of step. */
const which = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat({ max: 20 }) },
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('sample' as const),
      sample: anySample,
      from: fc.constantFrom('poller' as const, 'database' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('members' as const),
      members: fc.array(fc.tuple(anySymbol, fc.constantFrom(1, 2))).map(membersOf),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), symbol: anySymbol }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('publish' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** One node and one client with a network between them that loses, doubles and reorders. */
function createWorld() {
  const client = createModelClient();
  let board = createBoard({ withLastDay: true });
  let stored: Sample[] = [];
  let network: InFlight[] = [];

  function deliver(message: InFlight): void {
    if ('update' in message) client.onUpdate(message.update);
    else client.onBody(message.question, message.body);
  }

  function ask(): InFlight {
    const question = client.ask();
    return { question, body: { epoch: board.epoch, ...board.since(client.position()) } };
  }

  function applyStep(step: Step): void {
    switch (step.do) {
      case 'sample':
        board.apply(step.sample, step.from);
        // What a poller sent may not be committed yet when the node dies.
        if (step.from === 'database') stored.push(step.sample);
        return;
      case 'members':
        return board.setMembers(step.members);
      case 'remove':
        return board.remove(step.symbol);
      case 'publish':
        network.push({ update: board.closeWindow() });
        return;
      case 'ask':
        network.push(ask());
        return;
      case 'restart': {
        board = createBoard({ withLastDay: true });
        for (const sample of stored) board.apply(sample, 'database');
        board.closeWindow();
        stored = [];
        network = [];
        return client.disconnect();
      }
      case 'deliver':
      case 'lose':
      case 'repeat': {
        const message = network[step.which % network.length];
        if (message === undefined) return;
        if (step.do !== 'repeat') network = network.filter((it) => it !== message);
        if (step.do !== 'lose') deliver(message);
      }
    }
  }

  return { client, board: () => board, applyStep, sync: () => deliver(ask()) };
}

function rowsOf(board: Board) {
  return new Map(Array.from(board.entries(), ({ row }) => [row.symbol, row]));
}

function believesToBeInStep(client: ModelClient, board: Board): boolean {
  const position = client.position();
  return position?.epoch === board.epoch && position.seq === board.seq() && !board.hasUnpublished();
}

describe('a client whose messages are lost, duplicated and reordered', () => {
  const anyRun = fc.array(anyStep, { minLength: 1, maxLength: 80, size: 'max' });

  it('B1 never believes that it is in sync while a row differs', () => {
    fc.assert(
      fc.property(anyRun, (steps) => {
        const world = createWorld();
        for (const step of steps) {
          world.applyStep(step);
          if (!believesToBeInStep(world.client, world.board())) continue;
          expect(world.client.rows()).toEqual(rowsOf(world.board()));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('B3 never receives an older sample within an epoch than it has shown', () => {
    fc.assert(
      fc.property(anyRun, (steps) => {
        const world = createWorld();
        for (const step of steps) world.applyStep(step);
        world.sync();
        expect(world.client.regressions()).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('B2 equals the board after one sync, for any history', () => {
    fc.assert(
      fc.property(anyRun, (steps) => {
        const world = createWorld();
        for (const step of steps) world.applyStep(step);
        world.sync();
        expect(world.client.rows()).toEqual(rowsOf(world.board()));
        expect(world.client.position()).toEqual({ epoch: world.board().epoch, seq: world.board().seq() });
      }),
      { numRuns: 2_000 },
    );
  });

  it('B2 stays equal through updates alone while none is lost', () => {
    fc.assert(
      fc.property(
        anyRun,
        fc.array(fc.array(anySample, { maxLength: 5 }), { maxLength: 10 }),
        (steps, windows) => {
          const world = createWorld();
          for (const step of steps) world.applyStep(step);
          world.sync();
          for (const samples of windows) {
            for (const sample of samples) world.board().apply(sample, 'poller');
            expect(world.client.onUpdate(world.board().closeWindow())).toBe(true);
            expect(world.client.rows()).toEqual(rowsOf(world.board()));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a client after one lost update', () => {
  function aPair() {
    const board = createBoard();
    const client = createModelClient();
    board.apply(aSample({ symbol: 'AUSDT' }), 'poller');
    board.closeWindow();
    client.onBody(client.ask(), { epoch: board.epoch, ...board.since(null) });
    return {
      board,
      client,
      sync: () => client.onBody(client.ask(), { epoch: board.epoch, ...board.since(client.position()) }),
    };
  }

  it('B1 detects the gap at the next update', () => {
    const { board, client } = aPair();
    board.apply(aSample({ symbol: 'BUSDT' }), 'poller');
    board.closeWindow();
    board.apply(aSample({ symbol: 'CUSDT' }), 'poller');
    expect(client.onUpdate(board.closeWindow())).toBe(false);
    expect([...client.rows().keys()]).toEqual(['AUSDT']);
  });

  it('learns of symbols that left, and of one that left and returned', () => {
    const { board, client, sync } = aPair();
    board.apply(aSample({ symbol: 'BUSDT' }), 'poller');
    client.onUpdate(board.closeWindow());
    board.remove('AUSDT');
    board.remove('BUSDT');
    board.closeWindow();
    board.apply(aSample({ symbol: 'BUSDT', openInterest: 7 }), 'poller');
    board.closeWindow();
    sync();
    expect(Array.from(client.rows().values(), (row) => [row.symbol, row.openInterest])).toEqual([
      ['BUSDT', 7],
    ]);
  });

  it('applies an update that repeats what a sync already contained', () => {
    const { board, client, sync } = aPair();
    board.apply(aSample({ symbol: 'AUSDT', ts: aSample().ts + 1 }), 'poller');
    sync();
    expect(client.rows().get('AUSDT')?.ts).toBe(aSample().ts + 1);
    board.apply(aSample({ symbol: 'AUSDT', ts: aSample().ts + 2 }), 'poller');
    expect(client.onUpdate(board.closeWindow())).toBe(true);
    expect(client.rows().get('AUSDT')?.ts).toBe(aSample().ts + 2);
  });

  it('moves back with a node that lost unstored samples, as that is another epoch', () => {
    const { client } = aPair();
    const restarted = createBoard();
    restarted.apply(aSample({ symbol: 'AUSDT', ts: aSample().ts - 60_000 }), 'database');
    restarted.closeWindow();
    expect(client.onUpdate(restarted.closeWindow())).toBe(false);
    client.onBody(client.ask(), { epoch: restarted.epoch, ...restarted.since(client.position()) });
    expect(client.rows().get('AUSDT')?.ts).toBe(aSample().ts - 60_000);
    expect(client.regressions()).toEqual([]);
  });
});
