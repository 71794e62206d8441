import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { parseJson } from '../../kit/parseJson.ts';
import type { Redis } from './redis.ts';

/**
 * Messages between nodes over Redis Pub/Sub, delivered at most once. Receivers also read the changes from Postgres, so a
 * lost message costs seconds and never data.
 */
export type Bus = {
  /** Fire and forget. */
  publish(channel: string, body: unknown): void;
  /** Receives the messages of other nodes, not this node's own. A message that does not match the schema is dropped. */
  subscribe<Schema extends z.ZodType>(
    channel: string,
    schema: Schema,
    listener: (body: z.output<Schema>) => void,
  ): void;
};

const PREFIX = 'oi:bus:';
const Envelope = z.object({ node: z.string(), body: z.unknown() });

export function createBus(options: { publisher: Redis; subscriber: Redis; logger: Logger }): Bus {
  const { publisher, subscriber, logger } = options;
  const node = randomUUID();
  const listeners = new Map<string, (raw: string) => void>();

  subscriber.on('message', (channel: string, raw: string) => listeners.get(channel)?.(raw));
  // Subscribes after the first connect and after each reconnect.
  subscriber.on('ready', () => {
    if (listeners.size === 0) return;
    subscriber.subscribe(...listeners.keys()).catch((thrown: unknown) => {
      logger.warn({ err: coerceError(thrown) }, 'bus subscription failed');
    });
  });

  return {
    publish(channel, body) {
      publisher.publish(PREFIX + channel, JSON.stringify({ node, body })).catch((thrown: unknown) => {
        logger.debug({ err: coerceError(thrown), channel }, 'bus message not sent');
      });
    },
    subscribe(channel, schema, listener) {
      listeners.set(PREFIX + channel, (raw) => {
        const parsed = Envelope.safeParse(parseJson(raw));
        if (!parsed.success || parsed.data.node === node) return;
        const body = schema.safeParse(parsed.data.body);
        if (body.success) listener(body.data);
        else logger.warn({ channel }, 'bus message does not match its schema');
      });
      if (subscriber.status !== 'ready') return;
      subscriber.subscribe(PREFIX + channel).catch((thrown: unknown) => {
        logger.warn({ err: coerceError(thrown), channel }, 'bus subscription failed');
      });
    },
  };
}

/** For a single node. */
export const silentBus: Bus = { publish: () => undefined, subscribe: () => undefined };
