import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import pretty from 'pino-pretty';
import { z } from 'zod';
import { describeLoggedError } from './loggedError.ts';

export type LogSettings = { level: string; format: 'json' | 'pretty' };

/**
 * One JSON line an event: the message is constant, what varies stands in fields, an error stands under `err`.
 * Levels are a budget for a healthy system: ERROR none, WARN what healed by itself, INFO a line a minute,
 * DEBUG a line a chunk. A key, a token or a body is never a field.
 */
export type Logger = PinoLogger;

export function createLogger(options: {
  level: string;
  name: string;
  /** `pretty` is for people at a terminal; what collects logs wants `json`. */
  format?: LogSettings['format'];
  destination?: DestinationStream;
}): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: { pid: process.pid, name: options.name },
    serializers: { err: (thrown: unknown) => describeLoggedError(thrown) },
    // A net under the rule above, not a licence: these fields must not reach a logger at all.
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["x-api-key"]',
        'res.headers["set-cookie"]',
      ],
      remove: true,
    },
  };
  // Synchronous, as pino itself is: the last line before the end of the process must not be lost.
  const destination =
    options.destination ??
    (options.format === 'pretty' ? pretty({ sync: true, singleLine: true }) : undefined);
  return destination ? pino(settings, destination) : pino(settings);
}

export function logLevel() {
  return z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
}

export function logFormat() {
  return z.enum(['json', 'pretty'], { error: 'must be json or pretty' });
}
