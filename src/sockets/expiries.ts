import type { Clock } from '../kit/clock.ts';
import { runAt } from './runAt.ts';

type Due<Member> = { readonly members: Set<Member>; readonly cancel: () => void };

/** Calls `onExpired` for each member at its time. Tokens expire at whole seconds, so members share a timer. */
export function createExpiries<Member>(clock: Clock, onExpired: (member: Member) => void) {
  const byTime = new Map<number, Due<Member>>();

  function expire(at: number): void {
    const members = byTime.get(at)?.members ?? [];
    byTime.delete(at);
    for (const member of members) onExpired(member);
  }

  return {
    add(member: Member, at: number): void {
      let due = byTime.get(at);
      if (!due) byTime.set(at, (due = { members: new Set(), cancel: runAt(clock, at, () => expire(at)) }));
      due.members.add(member);
    },
    /** The member ends before its time. */
    remove(member: Member, at: number): void {
      const due = byTime.get(at);
      if (!due?.members.delete(member) || due.members.size > 0) return;
      due.cancel();
      byTime.delete(at);
    },
  };
}

export type Expiries<Member> = ReturnType<typeof createExpiries<Member>>;
