import { formatAge } from '../../../kit/format.shared.ts';
import type { Health } from '../debug/debug.types.ts';
import { describeBlock, describeReportedError } from './collectorWords.ts';
import type { DoctorFacts } from './facts.ts';
import type { Stage } from './stage.ts';

/** Pure: doctor's findings in one word and a few more. */
export function summarizeHealth(stages: readonly Stage[], facts: DoctorFacts): Health {
  for (const { word, states } of WORST_FIRST) {
    const worst = stages.find((it) => states.includes(it.state));
    // The word is that of the worst stage, the sentence that of the cause.
    if (worst) return { word, sentence: sentenceOf(stages.find((it) => it.first) ?? worst, facts) };
  }
  return { word: 'healthy', sentence: null };
}

const WORST_FIRST: readonly { word: Health['word']; states: readonly Stage['state'][] }[] = [
  { word: 'broken', states: ['BROKEN'] },
  { word: 'degraded', states: ['DEGRADED', 'LATE'] },
  { word: 'waiting', states: ['WAITING'] },
];

const COLLECTOR_WORDS = ['beat', 'stopped'];

/** A collector's finding is long, and what matters is which one and what it does. */
function sentenceOf(stage: Stage, { collectors, now }: DoctorFacts): string {
  const collector = collectors?.find((it) =>
    COLLECTOR_WORDS.some((word) => stage.finding.startsWith(`${it.heartbeat.collector} ${word}`)),
  );
  if (stage.stage !== 'collector' || !collector) return withSubject(stage);
  const { heartbeat, state, ageSec } = collector;
  const { bannedUntil } = heartbeat;
  if (bannedUntil && bannedUntil > now) {
    return `${heartbeat.collector} is banned by the exchange for ${formatAge(bannedUntil - now)}`;
  }
  if (heartbeat.stopping) return `${heartbeat.collector} was stopped`;
  if (stage.finding.includes('its key is refused')) return `the key of ${heartbeat.collector} is refused`;
  if (state === 'down') return `${heartbeat.collector} has been silent for ${formatAge(ageSec * 1_000)}`;
  if (state === 'slow') return `${heartbeat.collector} is slow`;
  const job = heartbeat.jobs.find((it) => it.state === 'slow' || it.state === 'down');
  if (!job) return withSubject(stage);
  if (job.blockedBy) return `${heartbeat.collector}: ${describeBlock(job.blockedBy, [job], collector).says}`;
  const why = job.lastError ? `: ${describeReportedError(job.lastError)}` : '';
  return `${job.name} of ${heartbeat.collector} is ${job.state}${why}`;
}

/** Findings stand beside the name of their stage; alone, some would say nothing. */
function withSubject({ stage, finding }: Stage): string {
  const speaksForItself = stage === 'ingest' || stage === 'database' || stage === 'board';
  return speaksForItself ? finding : `${stage}: ${finding}`;
}
