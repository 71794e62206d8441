import { setTimeout as delay } from 'node:timers/promises';
import { coerceError } from '../../src/kit/errors.ts';
import { askDoctor, describeLook, describeStage, isMoving, type Look, type Stage } from './doctorClient.ts';
import { NO_OUTCOME, type Expected, type Fault, type Outcome, type Undo } from './faults.types.ts';
import { runRemedies } from './remedies.ts';
import type { Rig } from './rig.ts';

const LOOK_EVERY_MS = 1_000;
/** Once named, it has to stay named. */
const STEADY_LOOKS = 4;
const HEALTHY_WITHIN_SEC = 180;
const OK_WITHIN_SEC = 90;
const BITES_WITHIN_SEC = 45;

type Named = { stage: Stage; afterSec: number };
type Verdict = Omit<Outcome, 'family' | 'name'>;

/** Waits for a healthy system, brings the fault about, and judges what doctor says until it is repaired. */
export async function runFault(rig: Rig, fault: Fault): Promise<Verdict> {
  const verdict: Verdict = { ...NO_OUTCOME };
  let undo: Undo | void = undefined;
  try {
    if (fault.prepare && (await untilHealthy(rig, HEALTHY_WITHIN_SEC)) !== null) await fault.prepare(rig);
    if (!(await untilSteady(rig)))
      return { ...verdict, ...(await failure(rig, 'not healthy before the fault')) };
    const startedAt = performance.now();
    undo = await fault.inject(rig);
    const { named, last } = await untilNamed(rig, fault.expect, startedAt);
    verdict.seen = named ? describeStage(named.stage) : describeLook(last);
    verdict.secondsToName = named?.afterSec ?? null;
    verdict.proof = (await untilItBites(rig, fault)) ?? '';
    const complaints = [
      ...(verdict.proof ? [] : ['the fault did not strike']),
      ...(named ? await judgeNamed(rig, fault.expect, named.stage) : [explainMiss(fault.expect, last)]),
    ];
    const repairedAt = performance.now();
    await fault.repair?.(rig, named?.stage ?? NOTHING_SAID);
    await undo?.();
    undo = undefined;
    const okWithinSec = fault.okWithinSec ?? OK_WITHIN_SEC;
    if ((await untilHealthy(rig, okWithinSec)) !== null) verdict.secondsToOk = secondsSince(repairedAt);
    else
      complaints.push(`not ok ${okWithinSec}s after the repair: ${describeLook(await askDoctor(rig.url))}`);
    return { ...verdict, passed: complaints.length === 0, complaint: complaints.join('; ') };
  } catch (thrown) {
    return { ...verdict, ...(await failure(rig, coerceError(thrown).message)) };
  } finally {
    // After a failure in between: the next fault is not to inherit this one.
    await Promise.resolve(undo?.()).catch(() => undefined);
  }
}

const NOTHING_SAID: Stage = { stage: '', finding: '', state: 'ok', next: '', first: false };

async function failure(rig: Rig, complaint: string): Promise<Pick<Verdict, 'complaint' | 'seen'>> {
  return { complaint, seen: describeLook(await askDoctor(rig.url)) };
}

/** Right after a start a node is healthy at one look and waits for its first chunk at the next. */
async function untilSteady(rig: Rig): Promise<boolean> {
  for (let look = 0; look < STEADY_LOOKS; look += 1) {
    if (look > 0) await delay(LOOK_EVERY_MS);
    if ((await untilHealthy(rig, HEALTHY_WITHIN_SEC, isMoving)) === null) return false;
  }
  return true;
}

async function untilHealthy(
  rig: Rig,
  withinSec: number,
  isSteady: (look: Look) => boolean = () => true,
): Promise<Look | null> {
  const startedAt = performance.now();
  for (;;) {
    const look = await askDoctor(rig.url);
    if (look.healthy && isSteady(look)) return look;
    const ended = rig.ended();
    if (ended) throw new Error(`a program has ended: ${ended}`);
    if (secondsSince(startedAt) > withinSec) return null;
    await delay(LOOK_EVERY_MS);
  }
}

async function untilNamed(
  rig: Rig,
  expected: Expected,
  startedAt: number,
): Promise<{ named: Named | null; last: Look }> {
  for (;;) {
    const look = await askDoctor(rig.url);
    const stage = findNamed(look, expected);
    const afterSec = secondsSince(startedAt);
    if (stage && afterSec <= expected.withinSec) return { named: { stage, afterSec }, last: look };
    if (afterSec > expected.withinSec) return { named: null, last: look };
    await delay(LOOK_EVERY_MS);
  }
}

function findNamed({ stages }: Look, { stage, state, cause }: Expected): Stage | undefined {
  const isRight = (it: Stage): boolean => (state === 'ok' ? it.state === 'ok' : it.first);
  return stages.find((it) => it.stage === stage && isRight(it) && cause.test(it.finding));
}

async function judgeNamed(rig: Rig, expected: Expected, said: Stage): Promise<string[]> {
  const complaints: string[] = [];
  if (expected.remedy && !expected.remedy.test(said.next)) {
    complaints.push(`the remedy lacks ${String(expected.remedy)}`);
  }
  for (let look = 0; look < STEADY_LOOKS; look += 1) {
    await delay(LOOK_EVERY_MS);
    const now = await askDoctor(rig.url);
    if (findNamed(now, expected)) continue;
    complaints.push(`named, then: ${describeLook(now)}`);
    break;
  }
  // Last, because it may be the repair.
  complaints.push(...(await runRemedies(rig, said.next)));
  return complaints;
}

function explainMiss({ stage, cause, withinSec }: Expected, last: Look): string {
  const said = last.stages.find((it) => it.stage === stage && it.state !== 'ok');
  const there = said && !said.first ? ` (${describeStage(said)}, not marked first)` : '';
  return `${stage} did not say ${String(cause)} within ${withinSec}s${there}`;
}

async function untilItBites(rig: Rig, fault: Fault): Promise<string | null> {
  const startedAt = performance.now();
  for (;;) {
    const proof = await fault.bites(rig);
    if (proof !== null || secondsSince(startedAt) > BITES_WITHIN_SEC) return proof;
    await delay(LOOK_EVERY_MS);
  }
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
