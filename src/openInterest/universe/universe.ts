import type { LiquidMember, UniverseState } from './universe.repository.ts';

/** The liquid universe as this node knows it: the symbols that are polled fast, by 24 h volume. */
export function createUniverse() {
  let members: readonly LiquidMember[] = [];
  let volumes: ReadonlyMap<string, number> = new Map();
  let state: UniverseState | null = null;

  return {
    members: () => members,
    has: (symbol: string) => volumes.has(symbol),
    /** 24 h quote volumes in USD by symbol. */
    volumes: () => volumes,
    /** When the set was last replaced and by which thresholds; `null` before the first update. */
    state: () => state,
    replace(nextMembers: readonly LiquidMember[], nextState: UniverseState | null): void {
      members = nextMembers;
      volumes = new Map(nextMembers.map((it) => [it.symbol, it.quoteVolume24h]));
      state = nextState;
    },
  };
}

export type Universe = ReturnType<typeof createUniverse>;
