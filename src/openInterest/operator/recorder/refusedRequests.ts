import { MINUTE_MS, SECOND_MS } from '../../../kit/clock.ts';

/** A post that was refused before ingest parsed it, by its sender's fault. */
export type RefusedRequest = {
  at: number;
  status: number;
  code: string;
  /** The start of the key's SHA-256; `null`: refused before the key was known. */
  keyId: string | null;
  address: string;
  /** Posts a minute that the limit allows; `null`: refused for another reason. */
  limit: number | null;
};

/** Posts of one sender that were refused for one reason. */
export type RefusedPosts = Omit<RefusedRequest, 'at'> & {
  /** Since the requested time. */
  posts: number;
  /** The first of a series without a pause of two minutes. */
  since: number;
  lastAt: number;
};

type Sender = Omit<RefusedPosts, 'posts'> & { times: number[] };

/** Anyone can send from many addresses; the sender with the oldest last post is evicted. */
const MAX_SENDERS = 200;
/** The refused posts of a minute of a sender at twice the usual limit. */
const MAX_TIMES = 1_200;
const MAX_PAUSE_MS = 2 * MINUTE_MS;
/** Realtime pollers post every 5 to 30 s. */
const LONGEST_SWEEP_MS = 30 * SECOND_MS;

/**
 * Posts refused before ingest: bad key, body too large or not JSON, rate limit. An operator looks for them when "the poller
 * runs and nothing arrives". They stay out of the ingest log: anyone can cause them, and they must not evict chunks from it.
 */
export function createRefusedRequests() {
  /** Least recently refused first. */
  const senders = new Map<string, Sender>();

  return {
    record({ at, ...refused }: RefusedRequest): void {
      const name = `${refused.status} ${refused.code} ${refused.keyId ?? refused.address}`;
      const known = senders.get(name);
      const continues = known !== undefined && at - known.lastAt <= MAX_PAUSE_MS;
      const times = known?.times ?? [];
      times.push(at);
      if (times.length > MAX_TIMES) times.shift();
      senders.delete(name);
      senders.set(name, { ...refused, since: continues ? known.since : at, lastAt: at, times });
      if (senders.size > MAX_SENDERS) senders.delete(senders.keys().next().value!);
    },
    /** By sender and reason: senders that are still being refused first, then by number of posts. */
    postsBetween(since: number, now: number): RefusedPosts[] {
      const isOver = ({ lastAt }: RefusedPosts): number => Number(now - lastAt > LONGEST_SWEEP_MS);
      return [...senders.values()]
        .flatMap(({ times, ...sender }) => {
          const posts = times.filter((at) => at >= since).length;
          return posts === 0 ? [] : [{ ...sender, posts }];
        })
        .toSorted((a, b) => isOver(a) - isOver(b) || b.posts - a.posts);
    },
  };
}
