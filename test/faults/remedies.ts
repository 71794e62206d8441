import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import type { Rig } from './rig.ts';

const run = promisify(execFile);

/** `curl …` and `psql …` up to what ends a command in a sentence. */
const COMMAND = /\b(?:curl|psql) (?:'[^']*'|"[^"]*"|[^;'"])+/g;

const PATIENCE_MS = 20_000;

/** Types each command of the remedy into a shell, as it is printed; answers what did not work. */
export async function runRemedies(rig: Rig, text: string): Promise<string[]> {
  const complaints: string[] = [];
  for (const [found] of text.matchAll(COMMAND)) {
    const command = found.trim().replace(/[,.]$/, '');
    const fault = await typeIn(rig, command);
    if (fault !== null) complaints.push(`${command}: ${fault}`);
  }
  return complaints;
}

/** With the variables of the operator's guide; `null`: it worked. */
async function typeIn(rig: Rig, command: string): Promise<string | null> {
  // curl ends well with an answer of 401, too: `-f` makes it a failure.
  const typed = command.replace(/^curl /, 'curl --fail ');
  try {
    await run('bash', ['-c', typed], {
      timeout: PATIENCE_MS,
      env: {
        PATH: process.env['PATH'],
        URL: rig.url,
        INGEST_KEY,
        OPERATOR_KEY,
        DATABASE_URL: rig.database?.url,
      },
    });
    return null;
  } catch (thrown) {
    const { stderr = '' } = thrown as { stderr?: string };
    return stderr.trim().split('\n').at(-1) || String(thrown);
  }
}
