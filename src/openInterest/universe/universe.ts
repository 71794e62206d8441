import { ConflictError, ValidationError } from '../../kit/errors.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import {
  deleteLiquidSymbols,
  insertJournal,
  lockLiquidSymbols,
  selectLiquidSymbols,
  selectOptionalUniverseState,
  upsertLiquidSymbols,
  upsertUniverseState,
  type JournalEntry,
  type LiquidMember,
  type UniverseState,
} from './universe.repository.ts';
import { normaliseSymbol } from '../ingest/parse.ts';
import type { LiquidUniverseUpdate } from './universe.types.ts';

/**
 * The liquid universe as this node knows it. The collector decides who is in; the server guards the set against updates
 * that can only be a mistake, keeps the journal and answers from memory.
 */
export type Universe = {
  /** Reads the set from the database. */
  load(): Promise<void>;
  update(input: LiquidUniverseUpdate): Promise<UniverseChange>;
  members(): readonly LiquidMember[];
  has(symbol: string): boolean;
  volumes(): ReadonlyMap<string, number>;
  /** When the set was last replaced and by which thresholds; `null` before the first update. */
  state(): UniverseState | null;
};

export type UniverseChange = { upserted: number; removed: number; entered: string[]; left: string[] };

export const DEFAULT_ENTER_THRESHOLD = 4_000_000;
export const DEFAULT_EXIT_THRESHOLD = 2_000_000;

export function createUniverse(options: {
  /** For the update. */
  write: Database;
  /** For reading the set again and again. */
  upkeep: Queryable;
  clock: Clock;
  /** The set has changed, here or on another node. */
  onChange: (members: readonly LiquidMember[]) => void;
  /** This node has stored an update. Others must not report what they read: each report makes every node read. */
  onUpdate: () => void;
}): Universe {
  const { write, upkeep, clock, onChange, onUpdate } = options;
  let members: readonly LiquidMember[] = [];
  let volumes: ReadonlyMap<string, number> = new Map();
  let state: UniverseState | null = null;

  async function load(): Promise<void> {
    const nextState = await selectOptionalUniverseState(upkeep);
    if (nextState?.updatedAt.getTime() === state?.updatedAt.getTime()) return;
    members = await selectLiquidSymbols(upkeep);
    volumes = new Map(members.map((it) => [it.symbol, it.quoteVolume24h]));
    state = nextState;
    onChange(members);
  }

  return {
    load,

    async update(input) {
      const next = parseMembers(input, new Date(clock.now()));
      const change = await write.transaction(async (db) => {
        const current = await lockLiquidSymbols(db);
        if (input.force !== true) refuseCollapse(current.length, next.length);
        const plan = planChange(current, next, new Map(Object.entries(input.reasons ?? {})));
        await upsertLiquidSymbols(db, next);
        await deleteLiquidSymbols(db, plan.left);
        await insertJournal(db, plan.journal);
        const held = await selectOptionalUniverseState(db);
        await upsertUniverseState(db, {
          // Strictly later than the last one, so that every node sees that there is something to read.
          updatedAt: new Date(Math.max(clock.now(), (held?.updatedAt.getTime() ?? 0) + 1)),
          enterThreshold: input.enterThreshold ?? held?.enterThreshold ?? DEFAULT_ENTER_THRESHOLD,
          exitThreshold: input.exitThreshold ?? held?.exitThreshold ?? DEFAULT_EXIT_THRESHOLD,
        });
        return { upserted: next.length, removed: plan.left.length, entered: plan.entered, left: plan.left };
      });
      await load();
      onUpdate();
      return change;
    },

    members: () => members,
    has: (symbol) => volumes.has(symbol),
    volumes: () => volumes,
    state: () => state,
  };
}

function parseMembers(input: LiquidUniverseUpdate, now: Date): LiquidMember[] {
  const bySymbol = new Map<string, LiquidMember>();
  const faults: { path: string; message: string }[] = [];
  for (const [index, given] of input.symbols.entries()) {
    const symbol = normaliseSymbol(given.symbol);
    if (symbol === null) {
      faults.push({
        path: `symbols[${index}].symbol`,
        message: 'must be letters and digits, at most 32 characters',
      });
      continue;
    }
    bySymbol.set(symbol, {
      symbol,
      quoteVolume24h: given.quoteVolume24h,
      enteredAt: given.enteredAt ? new Date(given.enteredAt) : now,
      lastSeenAt: given.lastSeenAt ? new Date(given.lastSeenAt) : now,
    });
  }
  if (faults.length > 0) {
    throw new ValidationError('Invalid body: some symbols cannot be used', {
      code: 'invalid_body',
      details: faults,
    });
  }
  return [...bySymbol.values()];
}

/** An update that loses most of the set is a failed read of the exchange, not a market event. */
function refuseCollapse(currentSize: number, nextSize: number): void {
  if (nextSize > 0 && nextSize * 2 >= currentSize) return;
  throw new ConflictError(
    'universe_collapse',
    `The update has ${nextSize} symbols, today's set ${currentSize}. An empty set or less than half of today's is refused; ` +
      'send "force": true if it is meant',
  );
}

function planChange(
  current: readonly LiquidMember[],
  next: readonly LiquidMember[],
  reasons: ReadonlyMap<string, string>,
): { entered: string[]; left: string[]; journal: JournalEntry[] } {
  const before = new Map(current.map((it) => [it.symbol, it]));
  const after = new Map(next.map((it) => [it.symbol, it]));
  const entering = next.filter((it) => !before.has(it.symbol));
  const leaving = current.filter((it) => !after.has(it.symbol));
  return {
    entered: entering.map((it) => it.symbol),
    left: leaving.map((it) => it.symbol),
    journal: [
      ...entering.map(({ symbol, quoteVolume24h }) => ({
        symbol,
        event: 'entered' as const,
        reason: reasons.get(symbol) ?? 'named by the universe job',
        quoteVolume24h,
      })),
      ...leaving.map(({ symbol, quoteVolume24h }) => ({
        symbol,
        event: 'left' as const,
        reason: reasons.get(symbol) ?? 'no longer named by the universe job',
        quoteVolume24h,
      })),
    ],
  };
}
