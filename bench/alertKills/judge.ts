import type { ReceivedPost } from '../../test/support/receiver.ts';

/** What was known to happen, what was stored, and what receivers accepted. */
export type AlertEvidence = {
  /** Crossings of the market, each as `RULE SYMBOL`. */
  crossings: readonly string[];
  firings: readonly { id: string; ruleId: string; symbol: string }[];
  deliveries: readonly { id: string }[];
  /** Paths of the receivers; each gets every firing. */
  paths: readonly string[];
  accepted: readonly ReceivedPost[];
};

export type AlertVerdict = ReturnType<typeof judgeAlerts>;

/** What is lost between the market and the receivers, what arrives twice, and whether its id says so. */
export function judgeAlerts({ crossings, firings, deliveries, paths, accepted }: AlertEvidence) {
  const fired = countEach(firings.map((it) => `${it.ruleId} ${it.symbol}`));
  const received = accepted.map(({ path, id, body }) => ({
    id,
    body,
    message: `${path} ${(JSON.parse(body) as { data: { id: string } }).data.id}`,
  }));
  const messages = new Set(received.map((it) => it.message));
  const ids = new Set(received.map((it) => it.id));
  const known = new Set(deliveries.map((it) => it.id));
  return {
    crossings: crossings.length,
    neverFired: crossings.filter((it) => !fired.has(it)).length,
    firedTwice: [...fired.values()].filter((count) => count > 1).length,
    firedWithoutCrossing: [...fired.keys()].filter((it) => !crossings.includes(it)).length,
    firings: firings.length,
    deliveries: deliveries.length,
    lost: firings.flatMap(({ id }) => paths.filter((path) => !messages.has(`${path} ${id}`))).length,
    repeats: received.length - messages.size,
    repeatsWithAnotherId: new Set(received.map((it) => `${it.message} ${it.id}`)).size - messages.size,
    repeatsWithAnotherBody: new Set(received.map((it) => `${it.id} ${it.body}`)).size - ids.size,
    unknownIds: [...ids].filter((id) => !known.has(id)).length,
  };
}

/** The figures of a verdict that must be 0. */
export const FAULTS = [
  'neverFired',
  'firedTwice',
  'firedWithoutCrossing',
  'lost',
  'repeatsWithAnotherId',
  'repeatsWithAnotherBody',
  'unknownIds',
] as const satisfies readonly (keyof AlertVerdict)[];

function countEach(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
