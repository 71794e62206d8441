import { formatAge } from '../../kit/format.shared.ts';
import type { Ask, SyncState } from '../../client/sync.types.ts';

export type SocketLine = {
  word: string;
  icon: 'dot' | 'ring' | 'warn' | 'broken';
  tone: 'good' | 'neutral' | 'warn';
  /** What it means for the page; `null`: nothing is wrong. */
  banner: string | null;
};

/** Two pulses and a second are missing. */
const SILENT_MS = 15_000;

/** How the page's own socket does. The page works without it and says so. */
export function describeSocket(
  sync: Pick<SyncState, 'connected' | 'lastFrameAt'>,
  facts: {
    monotonicNow: number;
    online: boolean;
    everySec: number;
    dataFrom: string | null;
    answers: boolean;
  },
): SocketLine {
  const { everySec, dataFrom } = facts;
  const figures = facts.answers
    ? `The figures come from asking every ${everySec}s`
    : 'The server does not answer either, so the figures are old';
  const values = dataFrom === null ? 'have not come yet' : `stand still since ${dataFrom}`;
  const rest = `${figures}; streaming values ${values}.`;
  if (!facts.online) return { word: 'Offline', icon: 'broken', tone: 'warn', banner: 'You are offline.' };
  if (sync.lastFrameAt === null) return { word: 'Connecting', icon: 'ring', tone: 'neutral', banner: null };
  const silentMs = facts.monotonicNow - sync.lastFrameAt;
  if (!sync.connected) {
    const banner = `The socket is down for ${formatAge(silentMs)}. ${rest}`;
    return { word: 'Socket down', icon: 'broken', tone: 'warn', banner };
  }
  if (silentMs >= SILENT_MS) {
    const banner = `The socket is open, but nothing has arrived for ${formatAge(silentMs)}. ${rest}`;
    return { word: 'Socket silent', icon: 'warn', tone: 'warn', banner };
  }
  return { word: 'Live socket', icon: 'dot', tone: 'good', banner: null };
}

export type GapCount = { readonly gaps: number; readonly ask: Ask | null };

/** Counts the times at which windows were missed: each question that a gap was the reason for, once. */
export function countGaps(held: GapCount, ask: Ask | null): GapCount {
  if (ask === held.ask) return held;
  const begins = ask?.reason === 'gap' && held.ask?.reason !== 'gap';
  return { gaps: held.gaps + (begins ? 1 : 0), ask };
}
