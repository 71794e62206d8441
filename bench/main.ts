import os from 'node:os';
import { runProgram, UsageError } from '../src/kit/program.ts';
import { runHistoryBench } from './history/main.ts';
import { describeSweep, measureSweep } from './sweep.ts';

/** `npm run bench`: what we claim to be fast, beside what it replaces, in one run. */
const USAGE = `Usage: npm run bench -- [sweep|history]
  sweep      one sweep from the first post to the last dashboard, beside row by row (default)
  history    rows and hour blocks: bytes, reads, growth, compaction, export, kills; some ten minutes
  --symbols N    history: symbols of the day that is measured (343)
  --kills N      history: kill -9 of a compaction at so many random points (50)
  --json FILE    history: write the figures there too
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

await runProgram({
  usage: USAGE,
  words: true,
  options: { symbols: { type: 'string' }, kills: { type: 'string' }, json: { type: 'string' } },
  async run({ values, positionals: [what = 'sweep'] }) {
    say(`Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? 'unknown processor'}`);
    if (what === 'history') {
      const { symbols = '343', kills = '50', json = null } = values;
      await runHistoryBench({ symbols: Number(symbols), kills: Number(kills), json }, say);
    } else if (what === 'sweep') {
      const sweep = { clients: 100, rounds: 7 };
      for (const line of describeSweep(await measureSweep(sweep), sweep)) say(line);
    } else throw new UsageError(`Unknown benchmark: ${what}`);
  },
});
process.exit(0);
