import { BoundedMap } from '../../kit/boundedMap.ts';

const REMEMBERED = 5_000;

/** The alerts that this node has pushed already. */
export function createSentAlerts() {
  const ids = new BoundedMap<string, true>(REMEMBERED);
  return {
    /** Up to which time of the database's clock stored alerts were read; `null`: not yet. */
    readUpTo: null as number | null,
    /** False: it was pushed before. */
    add(id: string): boolean {
      if (ids.has(id)) return false;
      ids.set(id, true);
      return true;
    },
  };
}

export type SentAlerts = ReturnType<typeof createSentAlerts>;
