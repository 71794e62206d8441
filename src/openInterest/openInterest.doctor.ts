import { formatLine } from '../kit/format.shared.ts';
import { judgeBoard, judgeBroadcast, judgeIngest, judgeStored } from './openInterest.doctorFlow.ts';
import type { DoctorFacts } from './openInterest.doctorFacts.ts';
import type { Stage } from './openInterest.doctorStage.ts';
import { judgeCollectors, judgeDatabase, judgeRedis, judgeUniverse } from './openInterest.doctorSupply.ts';

const LONGEST_FINDING = 240;

/** Pure: what an operator is told when asking "is open interest flowing, and if not, where does it stop?" */
export function diagnose(facts: DoctorFacts): { healthy: boolean; stages: Stage[] } {
  const stages = [
    judgeDatabase(facts),
    judgeRedis(facts),
    judgeUniverse(facts),
    ...judgeCollectors(facts),
    judgeIngest(facts),
    judgeBoard(facts),
    judgeStored(facts),
    judgeBroadcast(facts),
  ];
  return {
    healthy: stages.every((it) => it.state === 'ok'),
    // A collector describes its jobs in its own words.
    stages: stages.map((it) => ({ ...it, finding: formatLine(it.finding, LONGEST_FINDING) })),
  };
}

/**
 * One line a stage, each with how to look further where something is wrong. The first broken one is marked, because what
 * is wrong behind it usually follows from it; where none is broken, the first that is not ok.
 */
export function renderDoctor(stages: readonly Stage[]): string {
  const first = stages.find((it) => it.state === 'BROKEN') ?? stages.find((it) => it.state !== 'ok');
  const lines = stages.map((it) => {
    const line = `${it.stage.padEnd(12)} ${it.finding.padEnd(66)} ${it.state}`;
    if (it.state === 'ok') return line;
    return `${line}  ${it === first ? 'first to look at: ' : ''}${it.next ?? ''}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}
