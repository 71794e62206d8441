import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/**
 * One JSON line an event: the message is constant, what varies stands in fields, an error stands under `err`.
 * Levels are a budget for a healthy system: ERROR none, WARN what healed by itself, INFO one line a chunk,
 * DEBUG a line a symbol. A key, a token or a body is never a field.
 */
export type Logger = PinoLogger;

export function createLogger(options: {
  level: string;
  name: string;
  destination?: DestinationStream;
}): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: { pid: process.pid, name: options.name },
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
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
