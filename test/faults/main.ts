import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { coerceError } from '../../src/kit/errors.ts';
import { compilePrograms } from '../support/programs.ts';
import { FAMILIES, WATCHES } from './families/all.ts';
import { NO_OUTCOME, type Family, type Outcome } from './faults.types.ts';
import { describeOutcome, describeTotals } from './report.ts';
import { closeAllRigs, openRig, type Rig } from './rig.ts';
import { runFault } from './runFault.ts';
import { watchAll } from './watchHealthy.ts';

const USAGE = `npm run faults:doctor -- [NAME …] [--list] [--json FILE]

Brings faults about in real processes, one at a time, and checks that doctor names each. NAME is a part of a
family's or a fault's name; without any, everything runs, for about three quarters of an hour.
  --list       names all faults and runs none
  --json FILE  writes what was seen to FILE as well`;

/** Systems at the same time: most of the time is spent waiting, and each takes a tenth of a core. */
const LANES = 3;

/** The folder of the compiled programs. */
let built = '';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.once('SIGINT', () => {
  void closeAllRigs().finally(() => {
    if (built) fs.rmSync(built, { recursive: true, force: true });
    process.exit(130);
  });
});
await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const isWanted = (name: string): boolean =>
    positionals.length === 0 || positionals.some((it) => name.toLowerCase().includes(it.toLowerCase()));
  const families = FAMILIES.map((family) => ({
    ...family,
    faults: family.faults.filter((it) => isWanted(`${family.name}: ${it.name}`)),
  })).filter((it) => it.faults.length > 0);
  const watches = WATCHES.filter((it) => isWanted(`healthy: ${it.name}`));

  if (values.help) return say(USAGE);
  if (values.list) {
    for (const family of families) for (const it of family.faults) say(`${family.name}: ${it.name}`);
    for (const it of watches) say(`healthy: ${it.name}`);
    return;
  }

  built = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-faults-'));
  const outcomes: Outcome[] = [];
  const note = (outcome: Outcome): void => {
    outcomes.push(outcome);
    for (const line of describeOutcome(outcome)) say(line);
  };
  try {
    say('Building …');
    await compilePrograms(built);
    const tasks = families.map((family) => () => runFamily(family, note));
    if (watches.length > 0) {
      tasks.push(async () => (await watchAll(watches)).forEach(note));
    }
    await Promise.all(Array.from({ length: LANES }, () => runLane(tasks)));
  } finally {
    fs.rmSync(built, { recursive: true, force: true });
  }
  if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(outcomes, null, 2)}\n`);
  say(describeTotals(outcomes));
  process.exitCode = outcomes.length > 0 && outcomes.every((it) => it.passed) ? 0 : 1;
}

/** What waits is begun in order, one at a time in each lane. */
async function runLane(tasks: (() => Promise<void>)[]): Promise<void> {
  for (let task = tasks.shift(); task; task = tasks.shift()) await task();
}

async function runFamily(family: Family, note: (outcome: Outcome) => void): Promise<void> {
  let rig: Rig | null = null;
  try {
    for (const fault of family.faults) {
      const named = { family: family.name, name: fault.name };
      try {
        rig ??= await openRig(family.plan);
        const verdict = await runFault(rig, fault);
        note({ ...named, ...verdict, ...(verdict.passed ? {} : { logs: rig.logs() }) });
        if (verdict.secondsToOk !== null) continue;
      } catch (thrown) {
        note({ ...named, ...NO_OUTCOME, complaint: coerceError(thrown).message });
      }
      // What did not become well again is no ground for the next fault.
      await rig?.close();
      rig = null;
    }
  } finally {
    await rig?.close();
  }
}
