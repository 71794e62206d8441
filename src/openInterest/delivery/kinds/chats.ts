import { z } from 'zod';
import { SECOND_MS } from '../../../kit/clock.ts';
import { formatLine } from '../../../kit/format.shared.ts';
import { describeFirings, type Message } from '../message.ts';
import type { OutgoingPost } from '../post.ts';
import type { Kind, Letter } from './kind.ts';

/** Telegram, Discord and Slack. Messages are plain text, so that the name of a rule cannot mention or format anything. */

/** The alerts of a digest. */
const DIGEST_OF = 500;

export const TelegramSecrets = z.object({ token: z.string(), chat: z.string() });
/** `path`: of the webhook's address, from `/api/webhooks/…` or `/services/…`. */
export const PathSecrets = z.object({ path: z.string() });
type PathSecrets = z.infer<typeof PathSecrets>;

/** At most 4,096 characters, 20 messages a minute to a group. */
export function createTelegram(apiUrl: string): Kind<z.infer<typeof TelegramSecrets>> {
  return {
    write: (letter, { token, chat }) =>
      postJson(`${apiUrl}/bot${token}/sendMessage`, {
        chat_id: chat,
        text: fullText(describe(letter)).slice(0, 4_096),
        link_preview_options: { is_disabled: true },
      }),
    // A token that was revoked, a bot that was blocked or removed.
    goneStatuses: [401, 403, 404],
    paceMs: 3 * SECOND_MS,
    digestOf: DIGEST_OF,
  };
}

const COLORS = { up: 0x2e_a0_43, down: 0xd7_3a_49, both: 0x80_80_80 } as const;

/** An embed has at most 256 characters of title and 4,096 of text; a webhook 30 messages a minute. */
export function createDiscord(apiUrl: string): Kind<PathSecrets> {
  return {
    write(letter, { path }) {
      const { title, lines, direction } = describe(letter);
      return postJson(`${apiUrl}${path}`, {
        embeds: [
          {
            title: formatLine(escapeMarkdown(title), 256),
            description: escapeMarkdown(lines.join('\n')).slice(0, 4_096),
            color: COLORS[direction],
          },
        ],
        allowed_mentions: { parse: [] },
      });
    },
    goneStatuses: [401, 403, 404, 410],
    paceMs: 2 * SECOND_MS,
    digestOf: DIGEST_OF,
  };
}

/** A text block has at most 3,000 characters; an incoming webhook one message a second. */
export function createSlack(apiUrl: string): Kind<PathSecrets> {
  return {
    write(letter, { path }) {
      const message = describe(letter);
      return postJson(`${apiUrl}${path}`, {
        // What notifications show. Unlike the block, it is parsed as markup.
        text: escapeMarkup(message.title),
        blocks: [{ type: 'section', text: { type: 'plain_text', text: fullText(message).slice(0, 3_000) } }],
      });
    },
    goneStatuses: [401, 403, 404, 410],
    paceMs: SECOND_MS,
    digestOf: DIGEST_OF,
  };
}

function describe({ firings, test }: Letter): Message {
  return describeFirings(firings, test);
}

function fullText({ title, lines }: Message): string {
  return [title, ...lines].join('\n');
}

function postJson(url: string, body: unknown): OutgoingPost {
  return {
    url,
    trusted: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~`|>#[\]()@<]/g, '\\$&');
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
