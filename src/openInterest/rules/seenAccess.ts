import type { Viewer } from '../../access/access.types.ts';
import { BoundedMap } from '../../kit/boundedMap.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { upsertSeenAccess, type TokenAccess } from './userAccess.repository.ts';

/** More than sign in on one node at the same time; of others the next token is stored again. */
const USERS = 20_000;

/**
 * What the tokens of users said lately, on its way to the database: many users who connect at once are one statement, and
 * none of their requests waits for it.
 */
export function createSeenAccess() {
  const last = new BoundedMap<string, string>(USERS);
  const waiting = new BoundedMap<string, TokenAccess>(USERS);

  return {
    /** Notes a verified token. */
    note({ sub, tier, role, issuedAt }: Viewer): void {
      const seen = `${issuedAt} ${tier} ${role}`;
      if (last.get(sub) === seen || issuedAt < (waiting.get(sub)?.issuedAt ?? 0)) return;
      last.set(sub, seen);
      waiting.set(sub, { sub, tier, role, issuedAt });
    },
    /** Stores what was noted; after a failure it is stored by the next call. */
    async store(db: Queryable): Promise<void> {
      const seen = [...waiting.values()];
      await upsertSeenAccess(db, seen);
      for (const it of seen) if (waiting.get(it.sub) === it) waiting.delete(it.sub);
    },
  };
}

export type SeenAccess = ReturnType<typeof createSeenAccess>;
