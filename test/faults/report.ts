import type { Outcome } from './faults.types.ts';

const NAME_WIDTH = 52;

/** A line of the table, and below it what doctor said and what is wrong with that. */
export function describeOutcome(outcome: Outcome): string[] {
  const { family, name, passed, seen, proof, complaint } = outcome;
  const line = [
    passed ? 'pass' : 'FAIL',
    `${family}: ${name}`.padEnd(NAME_WIDTH),
    `named ${seconds(outcome.secondsToName)}`,
    `ok ${seconds(outcome.secondsToOk)}`,
  ].join('  ');
  return [
    line,
    ...(seen ? [`        said   ${seen}`] : []),
    ...(proof ? [`        proof  ${proof}`] : []),
    ...(complaint ? [`        fault  ${complaint}`] : []),
  ];
}

export function describeTotals(outcomes: readonly Outcome[]): string {
  const passed = outcomes.filter((it) => it.passed).length;
  return `${passed} passed, ${outcomes.length - passed} failed`;
}

function seconds(value: number | null): string {
  return value === null ? '      —' : `${value.toFixed(1).padStart(6)}s`;
}
