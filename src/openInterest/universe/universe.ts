import type { MemberFacts } from '../openInterest.types.ts';
import type { LiquidMember, UniverseState } from './universe.repository.ts';

/** The liquid universe as this node knows it: the symbols that are polled fast, by 24 h volume. */
export function createUniverse() {
  let members: readonly LiquidMember[] = [];
  let facts: ReadonlyMap<string, MemberFacts> = new Map();
  let state: UniverseState | null = null;

  return {
    members: () => members,
    has: (symbol: string) => facts.has(symbol),
    /** What rows show of their symbols as members. */
    facts: () => facts,
    /** When the set was last replaced and by which thresholds; `null` before the first update. */
    state: () => state,
    replace(nextMembers: readonly LiquidMember[], nextState: UniverseState | null): void {
      members = nextMembers;
      facts = new Map(
        nextMembers.map((it) => [
          it.symbol,
          {
            volume24h: it.quoteVolume24h,
            fundingHours: it.fundingIntervalHours,
            supply: it.circulatingSupply,
            sectors: it.sectors,
          },
        ]),
      );
      state = nextState;
    },
  };
}

export type Universe = ReturnType<typeof createUniverse>;
