import { formatLine } from '../../../kit/format.shared.ts';
import { judgeClocks } from './clocks.ts';
import { judgeBoard, judgeBroadcast, judgeStored } from './flow.ts';
import type { DoctorFacts } from './facts.ts';
import { judgeIngest } from './ingest.ts';
import { judgeAccess } from './access.ts';
import { judgeNode } from './node.ts';
import type { JudgedStage, Stage } from './stage.ts';
import { judgeDatabase, judgeRedis } from './stores.ts';
import { judgeCollectors, judgeUniverse } from './supply.ts';

const LONGEST_FINDING = 320;

export type Diagnosis = { healthy: boolean; stages: Stage[] };

/** Pure: what an operator is told when asking "is open interest flowing, and if not, where does it stop?" */
export function diagnose(facts: DoctorFacts): Diagnosis {
  const judged = [
    judgeNode(facts),
    judgeDatabase(facts),
    judgeRedis(facts),
    judgeClocks(facts),
    judgeUniverse(facts),
    ...judgeCollectors(facts),
    judgeIngest(facts),
    judgeBoard(facts),
    judgeStored(facts),
    judgeBroadcast(facts),
    ...judgeAccess(facts),
  ];
  const first = selectFirst(judged);
  return {
    healthy: judged.every((it) => it.state === 'ok'),
    stages: judged.map((it) => ({
      stage: it.stage,
      // A collector describes its jobs in its own words.
      finding: formatLine(it.finding, LONGEST_FINDING),
      state: it.state,
      ...(it.next === undefined ? {} : { next: it.next }),
      ...(it === first ? { first: true as const } : {}),
    })),
  };
}

/**
 * The stages are in the order of the flow, so the earliest one that stops samples explains those behind it, whatever
 * their states are. What only waits explains what waits behind it, and no fault.
 */
function selectFirst(stages: readonly JudgedStage[]): JudgedStage | undefined {
  const wrong = stages.filter((it) => it.state !== 'ok');
  return (
    wrong.find((it) => !it.minor && it.state !== 'WAITING') ??
    wrong.find((it) => it.state !== 'WAITING') ??
    wrong[0]
  );
}

/** One line a stage, each with how to look further where something is wrong; the cause is marked. */
export function renderDoctor(stages: readonly Stage[]): string {
  const lines = stages.map((it) => {
    const line = `${it.stage.padEnd(12)} ${it.finding.padEnd(66)} ${it.state}`;
    if (it.state === 'ok') return line;
    return `${line}  ${it.first ? 'first to look at: ' : ''}${it.next ?? ''}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}
