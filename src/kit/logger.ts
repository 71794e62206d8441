import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import pretty from 'pino-pretty';
import { z } from 'zod';
import { describeLoggedError } from './loggedError.ts';

type LogSettings = { level: string; format: 'json' | 'pretty' };

/**
 * One JSON line per event, with a constant message, variable data in fields and an error as `err`. In a healthy system:
 * no ERROR, WARN for recovered faults, a line of INFO per minute and of DEBUG per chunk. Never log keys, tokens or bodies.
 */
export type Logger = PinoLogger;

export function createLogger(options: {
  level: string;
  name: string;
  /** `pretty` is for terminals, `json` for log collectors. */
  format?: LogSettings['format'];
  destination?: DestinationStream;
}): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: { pid: process.pid, name: options.name },
    serializers: { err: (thrown: unknown) => describeLoggedError(thrown) },
    // A second line of defence: these fields must not reach a logger.
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
  return pino(settings, options.destination ?? openStandardOutput(options.format));
}

/** Synchronous, which pino is not by default: an exit must neither lose the last lines nor write them out of order. */
function openStandardOutput(format: LogSettings['format'] | undefined): DestinationStream {
  return format === 'pretty'
    ? pretty({ sync: true, singleLine: true })
    : pino.destination({ dest: process.stdout.fd, sync: true });
}

export function logLevel() {
  return z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
}

export function logFormat() {
  return z.enum(['json', 'pretty'], { error: 'must be json or pretty' });
}
