import { execute, type Queryable } from '../../platform/database/postgres.ts';
import type { Viewer } from '../../access/access.types.ts';

/** SQL of `alert_user_access`: the tiers of users whose rules are evaluated. */

/** What a token said of its user. */
export type TokenAccess = Pick<Viewer, 'sub' | 'tier' | 'role' | 'issuedAt'>;

/** Whether a change applies to a token is decided as `access` does: 60 s for the issuer's clock and 1 s for the node's. */
const APPLIES = `access.issued_at is null or access.issued_at <= change.changed_at + interval '61 seconds'`;

const USERS_WITH_RULES = `(select user_id from alert_rules union select user_id from built_in_rules)`;

/**
 * The users with rules and the tier that decides how many of them are evaluated: by the newest token that was seen and the
 * access changes that apply to it. An admin, and a user of whom neither is known, has that of Elite; a revoked user has Free.
 */
export const USER_TIERS = `(
  select users.user_id, case when change.revoked then 'free' when access.role = 'admin' then 'elite'
    else coalesce(change.tier, access.tier, 'elite') end as tier
  from ${USERS_WITH_RULES} as users
  left join alert_user_access as access on access.user_id = users.user_id
  left join access_changes as change on change.sub = users.user_id and (${APPLIES}))`;

/** Stores what tokens said of users with rules; of a user at most one. An older token changes nothing. */
export async function upsertSeenAccess(db: Queryable, seen: readonly TokenAccess[]): Promise<void> {
  if (seen.length === 0) return;
  await execute(
    db,
    `insert into alert_user_access as kept (user_id, tier, role, issued_at)
     select sub, tier, role, to_timestamp("issuedAt" / 1000)
     from jsonb_to_recordset($1::jsonb) as given(sub text, tier text, role text, "issuedAt" float8)
     where sub in ${USERS_WITH_RULES}
     order by sub
     on conflict (user_id) do update set tier = excluded.tier, role = excluded.role, issued_at = excluded.issued_at
     where excluded.issued_at >= kept.issued_at`,
    [JSON.stringify(seen)],
  );
}

/** Deletes at most `limit` of users who have no rules, by tokens of before `before`. */
export function deleteAccessWithoutRules(db: Queryable, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from alert_user_access where user_id in (
       select user_id from alert_user_access as access
       where issued_at < $1::timestamptz
         and user_id not in ${USERS_WITH_RULES}
       limit $2::int)`,
    [before, limit],
  );
}
