import { z } from 'zod';
import { parseJson } from '../../kit/parseJson.ts';

/** The route and the initial streams of a socket. */
export type StreamTarget = {
  /** Only the market route sends what this server has. Others, and the address without a route, accept requests and send nothing. */
  carriesMarket: boolean;
  /** `/stream` wraps each message as `{stream, data}`, `/ws` does not. */
  combined: boolean;
  streams: string[];
};

/** `/market/ws/!markPrice@arr@1s`, `/market/stream?streams=a/b`, `/ws`: null for anything else. */
export function parseStreamTarget(url: string): StreamTarget | null {
  const { pathname, searchParams } = new URL(url, 'ws://simulator');
  const match = /^\/(?:(market|public|private)\/)?(ws|stream)(?:\/(.*))?$/.exec(pathname);
  if (!match) return null;
  const combined = match[2] === 'stream';
  const names = combined ? (searchParams.get('streams') ?? '') : decodeName(match[3] ?? '');
  return {
    carriesMarket: match[1] === 'market',
    combined,
    streams: names.split('/').filter((name) => name !== ''),
  };
}

/** `{ "method": "SUBSCRIBE", "params": ["!markPrice@arr@1s"], "id": 1 }` */
const StreamRequest = z.object({
  method: z.enum(['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS']),
  params: z.array(z.string()).default([]),
  id: z.union([z.number(), z.string()]).nullable().default(null),
});

const MOST_STREAMS = 1_024;

/** Changes `streams` as asked and answers what to send back. */
export function answerStreamRequest(text: string, streams: Set<string>): string {
  const parsed = StreamRequest.safeParse(parseJson(text));
  if (!parsed.success) return failure('Invalid request: see the list of methods.');
  const { method, params, id } = parsed.data;
  switch (method) {
    case 'LIST_SUBSCRIPTIONS':
      return JSON.stringify({ result: [...streams], id });
    case 'UNSUBSCRIBE':
      for (const name of params) streams.delete(name);
      return JSON.stringify({ result: null, id });
    case 'SUBSCRIBE':
      if (streams.size + params.length > MOST_STREAMS) return failure('Invalid request: too many streams.');
      for (const name of params) streams.add(name);
      return JSON.stringify({ result: null, id });
  }
}

function failure(msg: string): string {
  return JSON.stringify({ error: { code: 2, msg } });
}

function decodeName(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
