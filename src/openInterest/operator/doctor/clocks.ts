import { SECOND_MS } from '../../../kit/clock.ts';
import { formatAge } from '../../../kit/format.shared.ts';
import { MOST_AHEAD_MS } from '../../ingest/ingest.types.ts';
import type { ClockFacts, DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

type Reading = { who: string; aheadMs: number; next: string };

/** Clocks that agree may differ by this much: network latency, and a Date header cut to seconds. */
const TOLERANCE_MS = 5 * SECOND_MS;

const SET_CLOCK = 'sudo timedatectl set-ntp true';

/**
 * Whose clock is off, and by how much. The largest group of clocks that agree is assumed to be right; of two equally large
 * groups the exchange's, because samples carry its time.
 */
export function judgeClocks({ clocks, board }: DoctorFacts): Verdict {
  const { right, wrong } = compareClocks(clocks, board.pace.lateMs);
  const reference = right.reduce((sum, it) => sum + it.aheadMs, 0) / right.length;
  if (wrong.length === 0) {
    const spread = Math.max(...right.map((it) => it.aheadMs)) - Math.min(...right.map((it) => it.aheadMs));
    const finding =
      right.length === 1
        ? 'no other clock to compare with yet'
        : `${listOf(right.map((it) => it.who))} agree to ${(Math.ceil(spread / 100) / 10).toFixed(1)}s`;
    return { finding, state: 'ok' };
  }
  const says = wrong.map((it) => {
    const offMs = it.aheadMs - reference;
    return `the clock of ${it.who} is ${formatAge(Math.abs(offMs))} ${offMs > 0 ? 'ahead' : 'behind'}`;
  });
  const { samplesAheadMs } = clocks;
  const stopsSamples =
    samplesAheadMs !== null && (samplesAheadMs > MOST_AHEAD_MS || samplesAheadMs < -board.pace.lateMs);
  return {
    finding: `${says.join(', ')}; ${listOf(right.map((it) => it.who))} ${right.length === 1 ? 'is the reference' : 'agree'}`,
    state: stopsSamples ? 'BROKEN' : 'DEGRADED',
    next: wrong[0]!.next,
    ...(stopsSamples ? {} : { minor: true as const }),
  };
}

/** Names of the clocks that differ from those assumed to be right. */
export function findWrongClocks({ clocks, board }: Pick<DoctorFacts, 'clocks' | 'board'>): string[] {
  return compareClocks(clocks, board.pace.lateMs).wrong.map((it) => it.who);
}

function compareClocks(clocks: ClockFacts, lateMs: number): { right: Reading[]; wrong: Reading[] } {
  const readings = readClocks(clocks, lateMs);
  const right = selectAgreeing(readings);
  return { right, wrong: readings.filter((it) => !right.includes(it)) };
}

function readClocks(clocks: ClockFacts, lateMs: number): Reading[] {
  const { databaseAheadMs, samplesAheadMs } = clocks;
  const readings: Reading[] = [{ who: 'this node', aheadMs: 0, next: `on this machine: ${SET_CLOCK}` }];
  if (databaseAheadMs !== null) {
    readings.push({
      who: 'the database',
      aheadMs: databaseAheadMs,
      next: `on the machine of the database: ${SET_CLOCK}`,
    });
  }
  for (const { name, aheadMs } of clocks.collectors) {
    if (aheadMs !== null)
      readings.push({ who: name, aheadMs, next: `on the machine of ${name}: ${SET_CLOCK}` });
  }
  const measured = clocks.collectors.find((it) => it.aheadMs !== null && it.exchangeAheadMs !== null);
  const exchange = {
    who: 'the exchange',
    next: 'wait: samples are accepted again once its time (GET /fapi/v1/time) is right',
  };
  if (measured) readings.push({ ...exchange, aheadMs: measured.aheadMs! + measured.exchangeAheadMs! });
  // Every sample is a little old, so only a larger difference is evidence of a wrong clock.
  else if (samplesAheadMs !== null && (samplesAheadMs > TOLERANCE_MS || samplesAheadMs < -lateMs)) {
    readings.push({
      who: 'the sender of the samples',
      aheadMs: samplesAheadMs,
      next: `on the machine of the poller: ${SET_CLOCK}`,
    });
  }
  return readings;
}

/** The largest group of clocks that agree; of two equally large ones that with the last reading. */
function selectAgreeing(readings: readonly Reading[]): Reading[] {
  let best: Reading[] = [];
  for (const it of readings) {
    const group = readings.filter((other) => Math.abs(other.aheadMs - it.aheadMs) <= TOLERANCE_MS);
    const isSurer =
      group.length > best.length || (group.length === best.length && group.includes(readings.at(-1)!));
    if (isSurer) best = group;
  }
  return best;
}

function listOf(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}
