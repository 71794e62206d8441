import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '../../kit/logger.ts';
import { createDatabase } from '../../platform/database/database.ts';
import { replayRule, type Replay } from './replayRule.ts';
import type { ReplayLine } from './rules.types.ts';

/** The thread of one replay: `replays.ts` starts it, and receives its lines some at a time. An error ends it, and is theirs. */

/** `url`: of the database. */
export type ReplayJob = { url: string; replay: Replay };

/** One for each tier, and one for the symbols that follow. */
const CONNECTIONS = 3;
/** No request waits for a single statement, and each ends with the replay. */
const LIMITS = { connectMs: 5_000, statementMs: 20_000, answerMs: 21_000 };
const MOST_AT_ONCE = 200;

const { url, replay } = workerData as ReplayJob;
// What fails fails the replay, and is logged with it.
const logger = createLogger({ level: 'silent', name: 'replay' });
const db = createDatabase({ url, name: 'replay', max: CONNECTIONS, limits: LIMITS, logger });

let lines: ReplayLine[] = [];
for await (const line of replayRule(db, replay)) {
  lines.push(line);
  if (line.type !== 'progress' && line.type !== 'summary' && lines.length < MOST_AT_ONCE) continue;
  parentPort!.postMessage(lines);
  lines = [];
}
await db.end();
