import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  Channel,
  ChannelList,
  ChannelWithSecret,
  Delivery,
  type ChannelInput,
} from '../../openInterest/delivery/channel.types.ts';
import { getJson, sendJson } from '../live/api.ts';
import { queries } from './rulesApi.ts';

const BASE = '/api/alert-channels';
const REFETCH_MS = 15_000;
const Deliveries = z.object({ deliveries: z.array(Delivery), nextBefore: z.string().nullable() });

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => getJson(BASE, ChannelList, signal),
  refetchInterval: REFETCH_MS,
});

export const deliveriesQuery = queryOptions({
  queryKey: ['deliveries'],
  queryFn: ({ signal }) => getJson('/api/alert-deliveries?limit=50', Deliveries, signal),
  refetchInterval: REFETCH_MS,
});

/** Resolves with the secret of a webhook if the server has made one: it is shown this once. */
export async function createChannel(input: ChannelInput): Promise<string | null> {
  const { secret } = await sendJson('POST', BASE, ChannelWithSecret, { body: input });
  await refresh();
  return secret;
}

export async function switchChannel({ id }: Channel, on: boolean): Promise<void> {
  await sendJson('PUT', `${BASE}/${id}`, ChannelWithSecret, { body: { on } });
  await refresh();
}

export async function deleteChannel(id: string): Promise<void> {
  await sendJson('DELETE', `${BASE}/${id}`, z.null());
  await refresh();
}

/** What the receiver answered. */
export async function testChannel(id: string): Promise<Delivery> {
  const delivery = await sendJson('POST', `${BASE}/${id}/test`, Delivery);
  await refresh();
  return delivery;
}

async function refresh(): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['channels'] }),
    queries.invalidateQueries({ queryKey: ['deliveries'] }),
  ]);
}
