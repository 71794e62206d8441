import { callServer } from './callServer.ts';

/** The rules of the demo's Pro user, which exist at its first start, and the channel to the receiver. */

const RULES = [
  { name: 'Large moves', window: '5m', direction: 'both', thresholdPct: 3, cooldownMin: 10 },
  {
    name: 'Build-up at a flat price',
    window: '15m',
    direction: 'up',
    thresholdPct: 4,
    price: { kind: 'flat', withinPct: 1 },
  },
  {
    name: 'Unwinding of large positions',
    window: '1h',
    direction: 'down',
    thresholdPct: 6,
    leastUsd: 5_000_000,
  },
] as const;

const CHANNEL = 'Receiver on this machine';

type Channel = { id: string; name: string };

/** Creates the channel and the rules, or points the channel at the receiver of this start. */
export async function prepareSampleAlerts(options: {
  /** Of the server. */
  url: string;
  token: string;
  receiver: { url: string; secret: string };
}): Promise<void> {
  const { receiver } = options;
  const settings = { kind: 'webhook', url: `${receiver.url}/alerts`, secret: receiver.secret };

  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    // Every document is new at the first start.
    const headers = { Authorization: `Bearer ${options.token}`, 'If-Match': '"0"' };
    return (await callServer(options.url + path, { method, headers, body })) as Answer;
  }

  const { channels } = await call<{ channels: Channel[] }>('GET', '/api/alert-channels');
  const existing = channels.find((it) => it.name === CHANNEL);
  if (existing) {
    await call('PUT', `/api/alert-channels/${existing.id}`, { settings });
    return;
  }
  const { channel } = await call<{ channel: Channel }>('POST', '/api/alert-channels', {
    name: CHANNEL,
    settings,
  });
  const { rules } = await call<{ rules: unknown[] }>('GET', '/api/alert-rules');
  if (rules.length > 0) return;
  const channelIds = [channel.id];
  for (const rule of RULES) await call('POST', '/api/alert-rules', { ...rule, channelIds });
  await call('PUT', '/api/built-in-rule', { rule: { enabled: true, channelIds } });
}
