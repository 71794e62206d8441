import type { SocketTrafficView } from '../operator/debug/debug.types.ts';
import type { BoardUpdate, OpenInterestAlert } from '../openInterest.types.ts';
import type { UserFiring } from '../rules/rules.types.ts';

/** Who is sent a board's updates: live data, the top 50 at each mark, or (realtime switched off) all symbols at each mark. */
export type Audience = 'realtime' | 'snapshot' | 'snapshotAll';

/** The way out to dashboards. Handed in, so that open interest knows nothing of sockets. */
export type Publisher = {
  update(audience: Audience, update: BoardUpdate): void;
  alert(alert: OpenInterestAlert): void;
  /** To the sockets of the rule's user alone. */
  firing(firing: UserFiring): void;
  pulse(audience: Audience, pulse: { epoch: string; seq: number; serverTime: number }): void;
  /** Connected sockets by audience. */
  audienceSizes(): Record<Audience, number>;
  /** What went out lately, and what became of connections. */
  traffic(): Omit<SocketTrafficView, 'clients'>;
};
