import { z } from 'zod';
import type { BoardUpdate, OpenInterestAlert } from '../openInterest.types.ts';
import type { UserFiring } from '../rules/rules.types.ts';
import type { UpdateFrame } from './frames.types.ts';

/** Who is sent a board's updates: live data, the top 50 at each mark, or (realtime switched off) all symbols at each mark. */
export type Audience = 'realtime' | 'snapshot' | 'snapshotAll';

export const SocketTrafficView = z.object({
  clients: z.object({ realtime: z.number(), snapshot: z.number(), snapshotAll: z.number() }),
  /** Over the last minute, to all clients together. */
  messagesPerSec: z.number(),
  bytesPerSec: z.number(),
  /** Since the start of this node. */
  syncs: z.number(),
  syncsLast5Min: z.number(),
  slowDropped: z.number(),
  floodDropped: z.number(),
  refused: z.number(),
});
export type SocketTrafficView = z.infer<typeof SocketTrafficView>;

/** The way out to dashboards. Handed in, so that open interest knows nothing of sockets. */
export type Publisher = {
  /** `frame` makes the columns of `update`, for the clients that asked for frames 2. It is called at once or never. */
  update(audience: Audience, update: BoardUpdate, frame: () => UpdateFrame): void;
  alert(alert: OpenInterestAlert): void;
  /** To the clients of the rule's user alone. */
  firing(firing: UserFiring): void;
  pulse(audience: Audience, pulse: { epoch: string; seq: number; serverTime: number }): void;
  /** Connected sockets and event streams by audience. */
  audienceSizes(): Record<Audience, number>;
  /** What went out lately, and what became of connections. */
  traffic(): Omit<SocketTrafficView, 'clients'>;
};
