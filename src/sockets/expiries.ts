import { SECOND_MS, type Clock } from '../kit/clock.ts';

/** Timers do not follow the clock when it is set, or when the machine was suspended, so the time is looked at as often. */
const LOOK_EVERY_MS = SECOND_MS;

/** Calls `onExpired` for each member at its time, at most a second late. Members of one time are ended together. */
export function createExpiries<Member>(clock: Clock, onExpired: (member: Member) => void) {
  const byTime = new Map<number, Set<Member>>();
  let lookAt = Infinity;
  let cancelLook: (() => void) | undefined;

  function lookBy(at: number): void {
    if (at >= lookAt) return;
    cancelLook?.();
    lookAt = at;
    cancelLook = clock.after(at - clock.now(), look);
  }

  function look(): void {
    lookAt = Infinity;
    const now = clock.now();
    for (const [at, members] of byTime) {
      if (at > now) continue;
      byTime.delete(at);
      for (const member of members) onExpired(member);
    }
    for (const at of byTime.keys()) lookBy(Math.min(at, now + LOOK_EVERY_MS));
  }

  return {
    add(member: Member, at: number): void {
      let members = byTime.get(at);
      if (!members) byTime.set(at, (members = new Set()));
      members.add(member);
      lookBy(Math.min(at, clock.now() + LOOK_EVERY_MS));
    },
    /** The member ends before its time. */
    remove(member: Member, at: number): void {
      const members = byTime.get(at);
      if (!members?.delete(member) || members.size > 0) return;
      byTime.delete(at);
      if (byTime.size > 0) return;
      cancelLook?.();
      lookAt = Infinity;
    },
  };
}

export type Expiries<Member> = ReturnType<typeof createExpiries<Member>>;
