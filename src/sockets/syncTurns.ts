import type { Clock } from '../kit/clock.ts';
import { bufferedBytes, type Connection } from './connections.ts';

/**
 * When a position is answered. A whole board of 5,000 symbols is 2.5 MB, and a user may have 60 sockets: answers are made
 * one at a time for a connection, each once the one before has been taken, and only while little waits for the user. What
 * has to wait is the question, which is small.
 */
export type SyncTurns = {
  /** Calls `answer` when its turn comes; false: too many questions of the connection wait. */
  ask(connection: Connection, ofUser: () => Iterable<Connection>, answer: () => void): boolean;
};

type Question = { ofUser: () => Iterable<Connection>; answer: () => void };

/** Below it the answer before counts as taken, whatever small messages wait. */
const TAKEN_BYTES = 64 * 1_024;
const MOST_OF_USER_BYTES = 4_000_000;
const MOST_WAITING = 20;
const LOOK_EVERY_MS = 50;

export function createSyncTurns(clock: Clock): SyncTurns {
  const waiting = new Map<Connection, Question[]>();

  function mayAnswer(connection: Connection, { ofUser }: Question): boolean {
    if (bufferedBytes(connection) > TAKEN_BYTES) return false;
    let sum = 0;
    for (const other of ofUser()) sum += bufferedBytes(other);
    return sum <= MOST_OF_USER_BYTES;
  }

  function lookLater(): void {
    clock.after(LOOK_EVERY_MS, () => {
      for (const [connection, questions] of waiting) {
        const next = questions[0]!;
        if (!mayAnswer(connection, next)) continue;
        questions.shift();
        if (questions.length === 0) waiting.delete(connection);
        next.answer();
      }
      if (waiting.size > 0) lookLater();
    });
  }

  return {
    ask(connection, ofUser, answer) {
      const question = { ofUser, answer };
      const questions = waiting.get(connection);
      if (questions !== undefined) {
        if (questions.length >= MOST_WAITING) return false;
        questions.push(question);
      } else if (mayAnswer(connection, question)) {
        answer();
      } else {
        if (waiting.size === 0) lookLater();
        waiting.set(connection, [question]);
        connection.once('close', () => waiting.delete(connection));
      }
      return true;
    },
  };
}
