import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { aFiring } from '../../../support/firings.ts';
import {
  createDiscord,
  createSlack,
  createTelegram,
} from '../../../../src/openInterest/delivery/kinds/chats.ts';
import { createWebhook, rotateWebhookSecret } from '../../../../src/openInterest/delivery/kinds/webhook.ts';
import { describeFirings } from '../../../../src/openInterest/delivery/message.ts';

const telegram = createTelegram('https://api.telegram.org');
const discord = createDiscord('https://discord.com');
const slack = createSlack('https://hooks.slack.com');

type Body = {
  /** Telegram and Slack. */
  text: string;
  /** Discord. */
  embeds: [{ title: string; description: string }];
  allowed_mentions: unknown;
  /** Slack. */
  blocks: [{ text: { type: string; text: string } }];
};

const parse = (post: { body: string | Buffer }) => JSON.parse(post.body.toString()) as Body;
const letterOf = (firings: ReturnType<typeof aFiring>[]) => ({ id: 'id', test: false, firings });

describe('a message', () => {
  it('says what moved, how far, with price, funding, rule and time', () => {
    expect(describeFirings([aFiring()])).toEqual({
      title: 'BTCUSDT open interest +5.20% in 1h',
      lines: [
        'open interest $8.41B · change $412.00M',
        'price −0.40% · funding +0.0100% · new shorts',
        'Large moves',
        '2026-11-20 12:00:00 UTC',
      ],
      direction: 'up',
    });
  });

  it('leaves out what is unknown', () => {
    const { evidence } = aFiring();
    const unknown = {
      ...evidence,
      changeUsd: null,
      current: { ...evidence.current, openInterestUsd: null },
      priceChangePct: null,
      fundingRate: null,
      reading: null,
    };
    expect(describeFirings([aFiring({ evidence: unknown })]).lines).toEqual([
      'Large moves',
      '2026-11-20 12:00:00 UTC',
    ]);
  });

  it('of several is a digest with the largest first', () => {
    const firings = [5, -30, 12].map((changePct, i) =>
      aFiring({
        symbol: `S${i}USDT`,
        direction: changePct > 0 ? 'up' : 'down',
        firedAt: Date.UTC(2026, 10, 20, 12, i),
        evidence: { ...aFiring().evidence, changePct },
      }),
    );
    expect(describeFirings(firings)).toEqual({
      title: '3 alerts: 2 up, 1 down',
      lines: [
        'largest: S1USDT −30.00% in 1h, S2USDT +12.00% in 1h, S0USDT +5.00% in 1h',
        'Large moves',
        '2026-11-20 12:00:00 UTC to 2026-11-20 12:02:00 UTC',
      ],
      direction: 'both',
    });
  });

  it('stays within the limits of every service, whatever the names', () => {
    const firings = fc.array(
      fc
        .record({
          ruleName: fc.string({ unit: 'grapheme', maxLength: 2_000 }),
          symbol: fc.string({ maxLength: 300 }),
        })
        .map((it) => aFiring(it)),
      { minLength: 1, maxLength: 600 },
    );
    fc.assert(
      fc.property(firings, (some) => {
        const letter = letterOf(some);
        const { text } = parse(telegram.write(letter, { token: 't', chat: 'c' }));
        expect(text.length).toBeLessThanOrEqual(4_096);
        const [embed] = parse(discord.write(letter, { path: '/p' })).embeds;
        expect(embed.title.length).toBeLessThanOrEqual(256);
        expect(embed.description.length).toBeLessThanOrEqual(4_096);
        const { blocks } = parse(slack.write(letter, { path: '/p' }));
        expect(blocks[0].text.text.length).toBeLessThanOrEqual(3_000);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a chat', () => {
  const letter = letterOf([aFiring({ ruleName: '@everyone <!channel> **bold** <b>' })]);

  it('of Telegram gets plain text without a preview', () => {
    const { url, trusted, body } = telegram.write(letter, { token: '1:a', chat: '@name' });
    expect([url, trusted]).toEqual(['https://api.telegram.org/bot1:a/sendMessage', true]);
    expect(parse({ body })).not.toHaveProperty('parse_mode');
    expect(parse({ body })).toMatchObject({ chat_id: '@name', link_preview_options: { is_disabled: true } });
  });

  it('of Discord mentions and formats nothing', () => {
    const body = parse(discord.write(letter, { path: '/api/webhooks/1/a' }));
    expect(body.allowed_mentions).toEqual({ parse: [] });
    expect(body.embeds[0].description).toContain('\\@everyone \\<!channel\\> \\*\\*bold\\*\\*');
  });

  it('of Slack mentions and formats nothing', () => {
    const { text, blocks } = parse(slack.write(letterOf([aFiring({ symbol: '<!here>' })]), { path: '/p' }));
    expect(text).toContain('&lt;!here&gt;');
    expect(blocks[0].text.type).toBe('plain_text');
  });
});

describe('a webhook', () => {
  it('K2 has the same id and body on each attempt, and the time of the attempt', () => {
    const clock = createFakeClock();
    const webhook = createWebhook(clock);
    const secrets = { url: 'https://example.com', secret: 'whsec_AAAA', previous: null };
    const letter = letterOf([aFiring()]);
    const first = webhook.write(letter, secrets);
    clock.advance(60_000);
    const second = webhook.write(letter, secrets);
    expect(second.body).toBe(first.body);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    const seconds = (it: typeof first) => Number(it.headers['webhook-timestamp']);
    expect(seconds(second) - seconds(first)).toBe(60);
  });

  it('signs with the previous secret for a day after a rotation', () => {
    const clock = createFakeClock();
    const webhook = createWebhook(clock);
    const before = { url: 'https://example.com', secret: 'whsec_AAAA', previous: null };
    const rotated = rotateWebhookSecret(before, clock.now());
    const signatures = () =>
      webhook.write(letterOf([aFiring()]), rotated).headers['webhook-signature']!.split(' ').length;
    expect(signatures()).toBe(2);
    clock.advance(86_400_000);
    expect(signatures()).toBe(1);
  });
});
