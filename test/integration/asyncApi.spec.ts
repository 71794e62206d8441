import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv, type AnySchemaObject, type Options } from 'ajv';
import { SessionEnd } from '../../src/sockets/sockets.types.ts';
import { aRule } from '../support/alertRules.ts';
import { anAlert } from '../support/builders.ts';
import { openEventStream } from '../support/eventStream.ts';
import { getJson } from '../support/openInterestCalls.ts';
import { postValues, storeRule, untilEvaluated } from '../support/ruleServer.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';

type Document = AnySchemaObject & {
  channels: Record<'socket' | 'stream', { description: string; messages: Record<string, unknown> }>;
};

const { server, clock, database, box } = withSocketServer();
let document: Document;
beforeAll(async () => {
  document = (await getJson(server, '/asyncapi.json')) as Document;
});

const newAjv = (options: Options = {}) =>
  new Ajv({ strict: false, validateFormats: false, allErrors: true, ...options });

/** What is wrong with a message by the document's schema of its name. */
function createMessageCheck(): (name: string, data: unknown) => string[] {
  const ajv = newAjv().addSchema(document, 'document');
  return (name, data) => {
    const isValid = ajv.validate(`document#/components/messages/${name}/payload`, data);
    return isValid ? [] : [`${name}: ${ajv.errorsText()}`];
  };
}

type Traffic = [name: string, data: unknown][];

/** Events of every kind, as named rows, as columns and on a stream, until the access ends. */
async function recordTraffic(): Promise<{ socket: Traffic; stream: Traffic; answers: unknown[] }> {
  const token = await server.token('pro', { sub: 'ada', issuedAt: clock.now() - 60_000 });
  await storeRule(server, aRule(), 'ada');
  await untilEvaluated({ server, clock, database });
  const stream = openEventStream(server.url, { Authorization: `Bearer ${token}` });
  const sockets = [box.open(server, { token }), box.open(server, { auth: { token, frames: 2 } })];
  const socket: Traffic = [];
  for (const it of sockets) it.socket.onAny((name: string, data: unknown) => socket.push([name, data]));
  const streamed = (name: string) => stream.events.some((it) => it.event === name);
  const emitted = (name: string) => socket.some((it) => it[0] === name);
  await Promise.all([...sockets.map((it) => it.hello()), waitFor('the board', () => streamed('board'))]);

  const symbol = 'BTCUSDT';
  await postValues({ server, clock }, [{ symbol, openInterest: 1_000 }], 300_000);
  await postValues({ server, clock }, [
    { symbol, openInterest: 1_100 },
    { symbol: 'ETHUSDT', openInterest: 1 },
  ]);
  await server.post('/api/open-interest-alerts/ingest', anAlert({ timestamp: clock.now() }));
  clock.jump(5_000);
  await waitFor('the firing', () => streamed('alert-rule-fired') && emitted('alert-rule-fired'));
  await waitFor('a pulse and an alert', () => streamed('pulse') && streamed('alert'));
  const answers: unknown[] = [];
  for (const it of sockets) answers.push(await it.sync(null), await it.sync('nonsense'));
  await server.post('/api/access/changes', { sub: 'ada', revoked: true }, { 'X-API-Key': OPERATOR_KEY });
  await waitFor('the ends', () => stream.ended() && sockets.every((it) => it.disconnects.length > 0));
  return { socket, stream: stream.events.map((it) => [it.event, it.data]), answers };
}

describe('/asyncapi.json', () => {
  it('is an AsyncAPI 3 document', () => {
    const require = createRequire(import.meta.url);
    // The file contains the schema of JSON Schema itself.
    const ajv = newAjv({ meta: false, validateSchema: false });
    const isValid = ajv.validate(require('@asyncapi/specs/schemas/3.0.0.json') as AnySchemaObject, document);
    expect({ isValid, errors: ajv.errors }).toEqual({ isValid: true, errors: null });
    expect(document['asyncapi']).toBe('3.0.0');
  });

  it('describes every event that the server sends, and no other', async () => {
    const { socket, stream, answers } = await recordTraffic();
    const faultsOf = createMessageCheck();
    const sent: Traffic = [
      ...socket,
      ...stream,
      ...answers.map((it): Traffic[number] => ['open-interest-sync-answer', it]),
    ];
    expect(sent.flatMap(([name, data]) => faultsOf(name, data))).toEqual([]);
    expect(faultsOf('open-interest-sync', null)).toEqual([]);

    const namesOf = (traffic: Traffic) => [...new Set(traffic.map(([name]) => name))].toSorted();
    const described = (channel: 'socket' | 'stream') =>
      Object.keys(document.channels[channel].messages).filter((it) => !it.startsWith('open-interest-sync'));
    expect(namesOf(socket)).toEqual(described('socket').toSorted());
    expect(namesOf(stream)).toEqual(described('stream').toSorted());
  });

  it.each(['open-interest-update', 'open-interest-frame', 'update', 'open-interest-sync-answer'])(
    'refuses a malformed %s, so that the check above proves something',
    (name) => {
      expect(createMessageCheck()(name, { epoch: 'E', seq: 'one' })).not.toEqual([]);
    },
  );

  it.each(['socket', 'stream'] as const)('lists the refusals and closes of a %s', (channel) => {
    const { description } = document.channels[channel];
    for (const code of [...SessionEnd.shape.reason.options, 'token_expired', 'too_many_sockets'])
      expect(description).toContain(`\`${code}\``);
  });
});
