import { z } from 'zod';
import {
  Channel,
  ChannelList,
  ChannelWithSecret,
  Delivery,
} from '../../openInterest/delivery/channel.types.ts';
import { sendJson } from '../live/api.ts';
import { listQuery, pagesQuery, thenReload } from './rulesApi.ts';

const BASE = '/api/alert-channels';
const Deliveries = z.object({ deliveries: z.array(Delivery), nextBefore: z.string().nullable() });

export const channelsQuery = listQuery('channels', BASE, ChannelList);
export const deliveriesQuery = pagesQuery('deliveries', '/api/alert-deliveries', Deliveries);

/** Creates a channel, or changes the one `before`. Has the secret of a webhook if the server has made one: it is shown this once. */
export function saveChannel(before: Channel | null, body: unknown): Promise<ChannelWithSecret> {
  return changed(
    before === null
      ? sendJson('POST', BASE, ChannelWithSecret, { body })
      : sendJson('PUT', `${BASE}/${before.id}`, ChannelWithSecret, { body }),
  );
}

export function makeNewSecret(id: string): Promise<ChannelWithSecret> {
  return changed(sendJson('POST', `${BASE}/${id}/rotate-secret`, ChannelWithSecret));
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
