import { z } from 'zod';
import {
  Channel,
  ChannelList,
  ChannelWithSecret,
  Delivery,
  type ChannelInput,
} from '../../openInterest/delivery/channel.types.ts';
import { sendJson } from '../live/api.ts';
import { listQuery, pagesQuery, thenReload } from './rulesApi.ts';

const BASE = '/api/alert-channels';
const Deliveries = z.object({ deliveries: z.array(Delivery), nextBefore: z.string().nullable() });

export const channelsQuery = listQuery('channels', BASE, ChannelList);
export const deliveriesQuery = pagesQuery('deliveries', '/api/alert-deliveries', Deliveries);

/** Resolves with the secret of a webhook if the server has made one: it is shown this once. */
export async function createChannel(input: ChannelInput): Promise<string | null> {
  return (await changed(sendJson('POST', BASE, ChannelWithSecret, { body: input }))).secret;
}

export async function switchChannel({ id }: Channel, on: boolean): Promise<void> {
  await changed(sendJson('PUT', `${BASE}/${id}`, ChannelWithSecret, { body: { on } }));
}

export async function deleteChannel(id: string): Promise<void> {
  await changed(sendJson('DELETE', `${BASE}/${id}`, z.null()));
}

/** What the receiver answered. */
export function testChannel(id: string): Promise<Delivery> {
  return changed(sendJson('POST', `${BASE}/${id}/test`, Delivery));
}

function changed<Answer>(change: Promise<Answer>): Promise<Answer> {
  return thenReload(change, 'channels', 'deliveries');
}
