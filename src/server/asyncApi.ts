import type { z } from 'zod';
import { BodyFrame } from '../openInterest/board/frames.types.ts';
import { BoardBody } from '../openInterest/openInterest.types.ts';
import { SOCKET_EVENTS, STREAM_EVENTS } from '../sockets/events.types.ts';
import { SyncRefusal, SyncRequest } from '../sockets/sockets.types.ts';
import { describeFailures, SOCKET_FAILURES, STREAM_FAILURES } from './asyncApi.failures.ts';
import { createSchemaBook, type SchemaBook } from './openApi.schemas.ts';

type Json = Record<string, unknown>;
type Messages = Readonly<Record<string, { summary: string; payload: readonly z.ZodType[] }>>;
type Channel = { name: string; address: string; title: string; description: string; messages: Messages };

const SUMMARIES: Readonly<Record<keyof typeof SOCKET_EVENTS, string>> = {
  'open-interest-hello': 'On connect: the position of the board, the tier and the interval of pulses.',
  'open-interest-update':
    'What a window changed: rows to lay over those of their symbols, and symbols that left.',
  'open-interest-frame': 'The same as columns, to clients that sent `auth.frames: 2`, instead of the update.',
  'open-interest-pulse':
    'Every 5 s: the position of the board. A client that is behind has missed an update.',
  'open-interest-alert': 'A spike or dump; Pro, Elite and admins.',
  'alert-rule-fired': "A rule of the client's user fired.",
  'open-interest-session': 'The reason why the server closes this connection now.',
};

const STREAM_SUMMARIES: Readonly<Record<keyof typeof STREAM_EVENTS, string>> = {
  hello: SUMMARIES['open-interest-hello'],
  board: 'Second: the whole board, or with `Last-Event-ID` the rows that are newer. Its id is `EPOCH:SEQ`.',
  update: `${SUMMARIES['open-interest-update']} Its id is \`EPOCH:SEQ\`.`,
  pulse: SUMMARIES['open-interest-pulse'],
  alert: SUMMARIES['open-interest-alert'],
  'alert-rule-fired': SUMMARIES['alert-rule-fired'],
  session: SUMMARIES['open-interest-session'],
};

const SOCKET: Channel = {
  name: 'socket',
  address: '/socket.io/',
  title: 'Socket.IO, protocol 5',
  description:
    'Credentials are `auth.token`, the session cookie, or none for a guest. A client syncs after hello, after an update whose ' +
    '`from` is ahead of its position, and after a pulse ahead of it.\n\n' +
    describeFailures(SOCKET_FAILURES),
  messages: messagesOf(SOCKET_EVENTS, SUMMARIES),
};

const STREAM: Channel = {
  name: 'stream',
  address: '/api/market/open-interest/stream',
  title: 'Server-sent events',
  description:
    'Credentials are `Authorization: Bearer`, the session cookie, or none for a guest. `Last-Event-ID` resumes.\n\n' +
    describeFailures(STREAM_FAILURES),
  messages: messagesOf(STREAM_EVENTS, STREAM_SUMMARIES),
};

const SYNC: Messages = {
  'open-interest-sync': {
    summary: "The client's position, or null without rows; acknowledged.",
    payload: [SyncRequest],
  },
  'open-interest-sync-answer': {
    summary:
      'The acknowledgement: newer rows, the whole board, both as columns with `auth.frames: 2`, or a refusal.',
    payload: [BoardBody, BodyFrame, SyncRefusal],
  },
};

/** The AsyncAPI document of what the server sends without a request, generated from the wire types. */
export function createAsyncApiDocument(version: string): Json {
  const schemas = createSchemaBook('draft-7');
  const messages = [STREAM.messages, SOCKET.messages, SYNC].flatMap((it) => describeMessages(it, schemas));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'VolSpike Open Interest, live',
      version,
      description:
        'The live feed over Socket.IO and as server-sent events. Times are epoch ms unless they say ISO; unknown is null. ' +
        'Every other route is in /openapi.json.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      socket: describeChannel({ ...SOCKET, messages: { ...SOCKET.messages, ...SYNC } }),
      stream: describeChannel(STREAM),
    },
    operations: {
      sendSocketEvents: sendAll(SOCKET),
      sendStreamEvents: sendAll(STREAM),
      answerSync: {
        action: 'receive',
        channel: { $ref: '#/channels/socket' },
        messages: [{ $ref: '#/channels/socket/messages/open-interest-sync' }],
        reply: {
          channel: { $ref: '#/channels/socket' },
          messages: [{ $ref: '#/channels/socket/messages/open-interest-sync-answer' }],
        },
      },
    },
    components: { messages: Object.fromEntries(messages), schemas: schemas.components() },
  };
}

function messagesOf<Name extends string>(
  events: Readonly<Record<Name, z.ZodType>>,
  summaries: Readonly<Record<Name, string>>,
): Messages {
  const names = Object.keys(events) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, { summary: summaries[name], payload: [events[name]] }]),
  );
}

function describeMessages(messages: Messages, schemas: SchemaBook): [string, Json][] {
  return Object.entries(messages).map(([name, { summary, payload }]) => {
    const references = payload.map((it) => schemas.refer(it, 'output', titleOf(name)));
    return [
      name,
      { name, summary, payload: references.length === 1 ? references[0] : { oneOf: references } },
    ];
  });
}

function describeChannel({ address, title, description, messages }: Channel): Json {
  const references = Object.keys(messages).map((it) => [it, { $ref: `#/components/messages/${it}` }]);
  return { address, title, description, messages: Object.fromEntries(references) as Json };
}

function sendAll({ name, messages }: Channel): Json {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    messages: Object.keys(messages).map((it) => ({ $ref: `#/channels/${name}/messages/${it}` })),
  };
}

/** `open-interest-sync` is `OpenInterestSync`. */
function titleOf(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_match, first: string) => first.toUpperCase());
}
