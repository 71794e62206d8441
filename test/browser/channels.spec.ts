import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import webpush from 'web-push';
import type { Channel, ChannelWithSecret } from '../../src/openInterest/delivery/channel.types.ts';
import { startReceiver } from '../support/receiver.ts';
import { withOpened } from '../support/withOpened.ts';
import { press, pressTo, untilFocus } from './support/focus.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withStage, type Visit, type VisitOptions } from './support/stage.ts';

const PATH = '/api/alert-channels';
const vapid = webpush.generateVAPIDKeys();
const stage = withStage({
  env: {
    ALERT_SECRETS_KEYS: randomBytes(32).toString('base64'),
    ALERT_RECEIVERS_ALLOW_HTTP: 'true',
    ALERT_RECEIVERS_ALLOW_PRIVATE: 'true',
    VAPID_PUBLIC_KEY: vapid.publicKey,
    VAPID_PRIVATE_KEY: vapid.privateKey,
    VAPID_SUBJECT: 'mailto:ops@example.com',
  },
});
const receiver = withOpened(startReceiver, 'close');

async function call<Answer>({ page }: Visit, method: string, path: string, data?: unknown): Promise<Answer> {
  const headers = { Origin: stage.server.url };
  const answer = await page.request.fetch(stage.server.url + path, { method, headers, data });
  expect([200, 201, 204]).toContain(answer.status());
  return (answer.status() === 204 ? null : await answer.json()) as Answer;
}

async function readChannels(visit: Visit): Promise<Channel[]> {
  return (await call<{ channels: Channel[] }>(visit, 'GET', PATH)).channels;
}

/** A page with these channels. */
async function open(
  channels: readonly (readonly [name: string, settings: object])[],
  given: VisitOptions = {},
): Promise<Visit & { made: ChannelWithSecret[] }> {
  const visit = await stage.visit({ path: '/alerts', ...given });
  const made: ChannelWithSecret[] = [];
  for (const [name, settings] of channels) made.push(await call(visit, 'POST', PATH, { name, settings }));
  await visit.page.reload();
  await row(visit.page, made.at(-1)!).waitFor();
  return { ...visit, made };
}

const hook = (path = '/old') => ({ kind: 'webhook', url: receiver.url + path });
const row = (page: Page, { channel }: ChannelWithSecret) => page.locator(`[data-channel="${channel.id}"]`);
const click = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const refusal = (page: Page) => page.locator('.rule-refusal').innerText();
const secretOf = async (page: Page) =>
  /whsec_\S+/.exec(await page.locator('.channel-secret').innerText())![0];

async function expectNoFaults(page: Page): Promise<void> {
  expect(await findViolations(page)).toEqual([]);
  expect(await findLayoutFaults(page)).toEqual([]);
}

/** Sends a test from the page, and answers which of the secrets have signed it. */
async function testSigners(page: Page, name: string, secrets: readonly string[]): Promise<boolean[]> {
  const before = receiver.posts.length;
  await click(page, `Test ${name}`);
  await page.getByText('Test: delivered').waitFor();
  const { body, headers } = receiver.posts[before]!;
  // The clock of the server has moved, so that only the signature is compared.
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const signatures = headers['webhook-signature']!.split(' ');
  return secrets.map((it) => signatures.includes(new Webhook(it).sign(headers['webhook-id']!, at, body)));
}

describe('the channels of the page of alert rules', () => {
  beforeEach(() => void receiver.posts.splice(0));
  afterEach(async () => {
    const visit = await stage.visit({ path: '/alerts' });
    for (const { id } of await readChannels(visit)) await call(visit, 'DELETE', `${PATH}/${id}`);
  });

  it.each([390, 1440])('UI64 renames a channel where it is, by keyboard alone: %i', async (width) => {
    const visit = await open(
      ['Desk', 'Phone'].map((it) => [it, hook()]),
      { width, allow: [/status of 400/] },
    );
    const { page, made } = visit;
    const { hint, receiver: host } = made[0]!.channel;
    await page.getByRole('button', { name: 'Edit Desk' }).focus();
    await pressTo(page, 'Enter', { text: 'Channel name' });
    expect(await page.getByLabel('Channel name').inputValue()).toBe('Desk');
    expect(await page.getByLabel('Address').inputValue()).toBe('');
    expect(await page.getByLabel('Kind').count()).toBe(0);
    // What is typed would be lost.
    for (const name of ['Edit Phone', 'New channel'])
      expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
    await expectNoFaults(page);

    await page.getByLabel('Channel name').fill('');
    await page.keyboard.press('Enter');
    await expectSoon(() => refusal(page)).toMatch(/^Please correct:\s+Name: must not be empty/);
    await page.getByLabel('Channel name').fill('Desk in Berlin');
    await pressTo(page, 'Enter', { text: 'Edit Desk in Berlin' });
    expect(await page.locator('.channel-secret').count()).toBe(0);
    expect(await readChannels(visit)).toMatchObject([
      { name: 'Desk in Berlin', hint, receiver: host },
      { name: 'Phone' },
    ]);

    await pressTo(page, 'Enter', { text: 'Channel name' });
    await page.getByLabel('Channel name').fill('Not this');
    await press(page, 'Tab', 2);
    await pressTo(page, 'Tab', { text: 'Cancel' });
    await pressTo(page, 'Enter', { text: 'Edit Desk in Berlin' });
    await expectNoFaults(page);
  });

  it('UI65 changes the receiver of each kind, keeps what is left empty, and names the field that is refused', async () => {
    const token = `123456789:${'A'.repeat(35)}`;
    const discord = `https://discord.com/api/webhooks/123456789012345678/${'d'.repeat(40)}`;
    const slack = (end: string) => `https://hooks.slack.com/services/T00000000/B00000000/${end}`;
    const keys = { p256dh: vapid.publicKey, auth: randomBytes(16).toString('base64url') };
    const visit = await open(
      [
        ['Chat', { kind: 'telegram', token, chat: '@first' }],
        ['Guild', { kind: 'discord', url: discord }],
        ['Team', { kind: 'slack', url: slack('one0000000') }],
        ['Laptop', { kind: 'webpush', endpoint: 'https://push.example.com/one', keys }],
      ],
      { allow: [/status of 400/] },
    );
    const { page } = visit;
    await click(page, 'Edit Chat');
    await page.getByLabel('Chat', { exact: true }).fill('@second');
    await click(page, 'Save');
    await expectSoon(() => refusal(page)).toMatch(/^Please correct:\s+Bot token: must be a bot token/);
    expect(await page.getByLabel('Chat', { exact: true }).inputValue()).toBe('@second');
    await page.getByLabel('Bot token').fill(token);
    await click(page, 'Save');
    await page.getByText('Telegram · chat @second').waitFor();

    await click(page, 'Edit Guild');
    await page.getByLabel('Address').fill('https://example.com');
    await click(page, 'Save');
    await expectSoon(() => refusal(page)).toMatch(/^Please correct:\s+Address: must be a webhook address/);
    await click(page, 'Cancel');
    await click(page, 'Edit Team');
    await page.getByLabel('Address').fill(slack('two0000000'));
    await click(page, 'Save');
    await click(page, 'Edit Laptop');
    expect(await page.locator('.rule-form input').count()).toBe(1);
    await page.getByLabel('Channel name').fill('Notebook');
    await click(page, 'Save');
    await untilFocus(page, { text: 'Edit Notebook' });
    expect((await readChannels(visit)).map(({ name, receiver: to }) => [name, to])).toEqual([
      ['Chat', 'chat @second'],
      ['Guild', 'discord.com'],
      ['Team', 'hooks.slack.com'],
      ['Notebook', 'push.example.com'],
    ]);
    // Of these kinds the secret is the service's.
    expect(await page.getByRole('button', { name: /^New secret/ }).count()).toBe(0);
  });

  it('UI66 points a webhook at another receiver, and shows its new secret', async () => {
    const { page, made } = await open([['Desk', hook()]]);
    await click(page, 'Edit Desk');
    await page.getByText('A new address gets a new secret').waitFor();
    await page.getByLabel('Address').fill(`${receiver.url}/new`);
    await click(page, 'Save');
    await expectSoon(() => page.locator('.channel-secret').innerText()).toMatch(
      /^The secret of Desk, shown once: whsec_/,
    );
    await untilFocus(page, { text: 'Channels' });
    const secret = await secretOf(page);
    expect(await testSigners(page, 'Desk', [made[0]!.secret!, secret])).toEqual([false, true]);
    expect(receiver.posts.map(({ path }) => path)).toEqual(['/new']);
  });

  it.each([390, 1440])('UI67 asks before it makes a new secret, and shows it once: %i', async (width) => {
    const visit = await open([['Desk', hook()]], { width });
    const { page, made } = visit;
    const [desk] = made as [ChannelWithSecret];
    const asks = row(page, desk).getByText('The old secret stays valid for 24 h');
    const button = page.getByRole('button', { name: 'New secret for Desk', exact: true });
    const place = await button.boundingBox();
    await button.focus();
    await pressTo(page, 'Enter', { text: 'New secret now? for Desk' });
    await asks.waitFor();
    await expectNoFaults(page);
    await pressTo(page, 'Tab', { text: 'Delete Desk' });
    await asks.waitFor({ state: 'detached' });
    expect(await readChannels(visit)).toMatchObject([{ hint: desk.channel.hint }]);

    await button.click();
    await asks.waitFor();
    // The second click is where the first one was.
    const placeNow = await page.getByRole('button', { name: 'New secret now? for Desk' }).boundingBox();
    expect([placeNow!.x, placeNow!.y]).toEqual([place!.x, place!.y]);
    await click(page, 'New secret now? for Desk');
    await untilFocus(page, { text: 'Channels' });
    const secret = await secretOf(page);
    await expectSoon(() => row(page, desk).innerText()).toContain(`secret ends in ${secret.slice(-4)}`);
    await expectNoFaults(page);
    expect(await testSigners(page, 'Desk', [desk.secret!, secret])).toEqual([true, true]);

    await click(page, 'Close');
    await untilFocus(page, { text: 'Channels' });
    expect(await page.getByText(secret).count()).toBe(0);
  });

  it('UI68 keeps what was typed when the channel was deleted, or the server cannot be reached', async () => {
    const visit = await open([['Desk', hook()]], { allow: [/status of 4(00|04|09)/, /ERR_FAILED/] });
    const { page, made } = visit;
    const error = { code: 'channel_changed', message: 'The channel was changed at the same time' };
    await page.route('**/rotate-secret', (it) => it.fulfill({ status: 409, json: { error } }));
    await click(page, 'New secret for Desk');
    await click(page, 'New secret now? for Desk');
    await row(page, made[0]!).getByRole('alert').getByText(`${error.message}.`).waitFor();

    await click(page, 'Edit Desk');
    await page.getByLabel('Channel name').fill('Mine');
    await page.route(`**${PATH}/*`, (it) => it.abort());
    await click(page, 'Save');
    await expectSoon(() => refusal(page)).toBe('The server cannot be reached.');
    await page.unroute(`**${PATH}/*`);

    await call(visit, 'DELETE', `${PATH}/${made[0]!.channel.id}`);
    await click(page, 'Save');
    await expectSoon(() => refusal(page)).toBe('It was deleted elsewhere.');
    await click(page, 'Save all the same');
    await expectSoon(() => refusal(page)).toMatch(/^Please correct:\s+Address: /);
    expect(await page.getByLabel('Channel name').inputValue()).toBe('Mine');
    await page.getByLabel('Address').fill(`${receiver.url}/again`);
    await click(page, 'Save');
    await click(page, 'Save all the same');
    await expectSoon(() => page.locator('.channel-secret').innerText()).toContain('The secret of Mine');

    const [mine] = await readChannels(visit);
    await click(page, 'Edit Mine');
    await call(visit, 'DELETE', `${PATH}/${mine!.id}`);
    await click(page, 'Save');
    await expectSoon(() => refusal(page)).toBe('It was deleted elsewhere.');
    await click(page, 'Cancel');
    await untilFocus(page, { text: 'Channels' });
  });
});
