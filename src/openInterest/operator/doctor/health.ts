import type { Health } from '../debug/debug.types.ts';
import type { JudgedStage, StageState } from './verdict.ts';

const WORST_FIRST: readonly { word: Health['word']; states: readonly StageState[] }[] = [
  { word: 'broken', states: ['BROKEN'] },
  { word: 'degraded', states: ['DEGRADED', 'LATE'] },
  { word: 'waiting', states: ['WAITING'] },
];

/** Doctor's stages in one word and one sentence: the word of the worst stage, the sentence of the cause. Pure. */
export function summarizeHealth(stages: readonly JudgedStage[], first: JudgedStage | undefined): Health {
  for (const { word, states } of WORST_FIRST) {
    const worst = stages.find((it) => states.includes(it.state));
    if (worst) return { word, sentence: sentenceOf(first ?? worst) };
  }
  return { word: 'healthy', sentence: null };
}

/** A finding is read beside the name of its stage; without it, only these are clear. */
const CLEAR_ALONE = new Set(['ingest', 'database', 'board']);

function sentenceOf({ stage, finding, brief }: JudgedStage): string {
  return brief ?? (CLEAR_ALONE.has(stage) ? finding : `${stage}: ${finding}`);
}
