import { setTimeout as delay } from 'node:timers/promises';
import { coerceError } from '../../src/kit/errors.ts';
import { askDoctor, describeLook } from './doctorClient.ts';
import { NO_OUTCOME, type Outcome, type Watch } from './faults.types.ts';
import { openRig, type Rig } from './rig.ts';

const MINUTES = 10;
const SETTLED_WITHIN_SEC = 120;
const LOOK_EVERY_MS = 2_000;

/** Looks at all of them at the same time, for ten minutes each once they have settled. */
export function watchAll(watches: readonly Watch[]): Promise<Outcome[]> {
  return Promise.all(watches.map((it) => watchOne(it)));
}

async function watchOne(watch: Watch): Promise<Outcome> {
  const outcome: Outcome = { ...NO_OUTCOME, family: 'healthy', name: watch.name };
  let rig: Rig | null = null;
  try {
    rig = await openRig(watch.plan);
    const startedAt = performance.now();
    const urls = (await watch.arrange?.(rig)) ?? [rig.url];
    if (!(await untilSettled(urls))) {
      return {
        ...outcome,
        complaint: `not ok ${SETTLED_WITHIN_SEC}s after the start`,
        ...(await seenAt(urls)),
      };
    }
    const secondsToOk = Math.round((performance.now() - startedAt) / 100) / 10;
    const { looks, alarms } = await look(urls);
    const shown = [...new Set(alarms)].slice(0, 3).join(' | ');
    return {
      ...outcome,
      secondsToOk,
      passed: alarms.length === 0,
      proof: `${looks} looks at ${urls.length} of its nodes`,
      seen: shown || 'all ok',
      complaint: alarms.length > 0 ? `${alarms.length} false alarms` : '',
    };
  } catch (thrown) {
    return { ...outcome, complaint: coerceError(thrown).message };
  } finally {
    await rig?.close();
  }
}

async function look(urls: readonly string[]): Promise<{ looks: number; alarms: string[] }> {
  const endsAt = performance.now() + MINUTES * 60_000;
  const alarms: string[] = [];
  let looks = 0;
  while (performance.now() < endsAt) {
    for (const url of urls) {
      const seen = await askDoctor(url);
      looks += 1;
      if (!seen.healthy) alarms.push(describeLook(seen));
    }
    await delay(LOOK_EVERY_MS);
  }
  return { looks, alarms };
}

async function untilSettled(urls: readonly string[]): Promise<boolean> {
  const giveUpAt = performance.now() + SETTLED_WITHIN_SEC * 1_000;
  while (performance.now() < giveUpAt) {
    const looks = await Promise.all(urls.map(askDoctor));
    if (looks.every((it) => it.healthy)) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}

async function seenAt(urls: readonly string[]): Promise<Pick<Outcome, 'seen'>> {
  const looks = await Promise.all(urls.map(askDoctor));
  return { seen: looks.map(describeLook).join(' | ') };
}
