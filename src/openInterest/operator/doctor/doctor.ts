import { formatLine } from '../../../kit/format.shared.ts';
import { judgeClocks } from './clocks.ts';
import { judgeBoard } from './board.ts';
import { judgeBroadcast } from './broadcast.ts';
import { judgeStored } from './stored.ts';
import type { DoctorFacts } from './facts.ts';
import { judgeIngest } from './ingest.ts';
import { judgeAlerts } from './alerts.ts';
import { judgeAccess } from './access.ts';
import { judgeNode } from './node.ts';
import type { JudgedStage } from './verdict.ts';
import { summarizeHealth } from './health.ts';
import type { DoctorStage, Health } from '../debug/debug.types.ts';
import { judgeCollectors } from './collectors.ts';
import { judgeDatabase } from './database.ts';
import { judgeRedis } from './redis.ts';
import { judgeUniverse } from './universe.ts';

const LONGEST_FINDING = 320;

export type Diagnosis = { healthy: boolean; health: Health; stages: DoctorStage[] };

/** Answers "does open interest flow, and if not, where does it stop?" Pure. */
export function diagnose(facts: DoctorFacts): Diagnosis {
  const judged: JudgedStage[] = [
    { stage: 'node', ...judgeNode(facts) },
    { stage: 'database', ...judgeDatabase(facts) },
    { stage: 'redis', ...judgeRedis(facts) },
    { stage: 'clocks', ...judgeClocks(facts) },
    { stage: 'universe', ...judgeUniverse(facts) },
    ...judgeCollectors(facts).map((it) => ({ stage: 'collector', ...it })),
    { stage: 'ingest', ...judgeIngest(facts) },
    { stage: 'board', ...judgeBoard(facts) },
    { stage: 'stored', ...judgeStored(facts) },
    { stage: 'broadcast', ...judgeBroadcast(facts) },
    { stage: 'alerts', ...judgeAlerts(facts) },
    ...judgeAccess(facts).map((it) => ({ stage: 'access', ...it })),
  ];
  const first = selectFirst(judged);
  return {
    healthy: judged.every((it) => it.state === 'ok'),
    health: summarizeHealth(judged, first),
    stages: judged.map((it) => ({
      stage: it.stage,
      // A collector's notes have any length.
      finding: formatLine(it.finding, LONGEST_FINDING),
      state: it.state,
      ...(it.next === undefined ? {} : { next: it.next }),
      ...(it === first ? { first: true as const } : {}),
    })),
  };
}

/**
 * The stages are in the order of the flow, so the earliest one that stops samples explains the later ones, whatever
 * their states. A stage that only waits explains later ones that wait, and no fault.
 */
function selectFirst(stages: readonly JudgedStage[]): JudgedStage | undefined {
  const wrong = stages.filter((it) => it.state !== 'ok');
  return (
    wrong.find((it) => !it.minor && it.state !== 'WAITING') ??
    wrong.find((it) => it.state !== 'WAITING') ??
    wrong[0]
  );
}

/** One line per stage, with the next step where something is wrong; the cause is marked. */
export function renderDoctor(stages: readonly DoctorStage[]): string {
  const lines = stages.map((it) => {
    const line = `${it.stage.padEnd(12)} ${it.finding.padEnd(66)} ${it.state}`;
    if (it.state === 'ok') return line;
    return `${line}  ${it.first ? 'first to look at: ' : ''}${it.next ?? ''}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}
