import { describe, expect, it } from '@jest/globals';
import { CollectorHeartbeat } from '../../../../../src/openInterest/operator/collectors/heartbeat.types.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const BEAT = {
  collector: 'oi-poller',
  everySec: 10,
  startedAt: NOW,
  sentAt: NOW,
  bannedUntil: NOW,
  jobs: [
    {
      name: 'poller',
      state: 'up',
      everySec: 30,
      ok: 342,
      failed: 1,
      lastRunAt: NOW,
      waitsUntil: NOW,
      lastError: { at: NOW, text: 'no answer', count: 1 },
    },
  ],
  weight: { used: 1_060, budget: 2_000, limit: 2_400, ours: 1_060, others: 0, status429: 0, status418: 0 },
  clocks: { exchangeAheadMs: 100, serverAheadMs: -100 },
  spool: { chunks: 0, bytes: 0, oldestAgeSec: 5, dropped: 0, lastDroppedAt: NOW, deadLetters: 0 },
  server: { failingSince: NOW },
};

/** Every number in the beat, by its path. */
function pathsOf(value: object, at: readonly (string | number)[] = []): (string | number)[][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    if (typeof inner === 'number') return [path];
    return typeof inner === 'object' ? pathsOf(inner as object, path) : [];
  });
}

function replaced(path: readonly (string | number)[], given: unknown): unknown {
  const beat = structuredClone(BEAT);
  let at = beat as unknown as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1)!] = given;
  return beat;
}

describe('a heartbeat', () => {
  it('is accepted with every field in its range', () => {
    expect(CollectorHeartbeat.safeParse(BEAT).error).toBeUndefined();
  });

  it.each(pathsOf(BEAT).map((path) => [path.join('.'), path] as const))(
    'X1 is refused by name when %s is out of range, such as a time in nanoseconds',
    (_name, path) => {
      for (const given of [NOW * 1e6, 1e300, -1e300]) {
        const { error } = CollectorHeartbeat.safeParse(replaced(path, given));
        expect(new Set(error?.issues.map((it) => it.path.join('.')))).toEqual(new Set([path.join('.')]));
      }
    },
  );
});
