import os from 'node:os';
import { describeSweep, measureSweep } from './sweep.ts';

/** `npm run bench`: what we claim to be fast, beside what it replaces, in one run. */
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? 'unknown processor'}`);
const sweep = { clients: 100, rounds: 7 };
for (const line of describeSweep(await measureSweep(sweep), sweep)) say(line);
process.exit(0);
