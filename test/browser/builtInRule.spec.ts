import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { BuiltInRule } from '../../src/openInterest/rules/builtInRule.types.ts';
import { postAlert, resetAlerts } from './support/alertCalls.ts';
import { pressTo } from './support/focus.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withStage, type Visit, type VisitOptions } from './support/stage.ts';

const PATH = '/api/built-in-rule';
const received: string[] = [];
const receiver = createServer((request, response) => {
  request.on('data', (part: Buffer) => received.push(part.toString()));
  request.on('end', () => response.end('thank you'));
});
const stage = withStage({
  env: {
    ALERT_SECRETS_KEYS: randomBytes(32).toString('base64'),
    ALERT_RECEIVERS_ALLOW_HTTP: 'true',
    ALERT_RECEIVERS_ALLOW_PRIVATE: 'true',
  },
});

async function call<Answer>({ page }: Visit, method: string, path: string, data?: unknown): Promise<Answer> {
  const version = method === 'PUT' ? (await call<BuiltInRule>({ page } as Visit, 'GET', PATH)).version : null;
  const answer = await page.request.fetch(stage.server.url + path, {
    method,
    headers: { Origin: stage.server.url, ...(version !== null && { 'If-Match': `"${version}"` }) },
    ...(data === undefined ? {} : { data }),
  });
  expect([200, 201]).toContain(answer.status());
  return (await answer.json()) as Answer;
}

/** The rule is changed on another page. */
const put = (visit: Visit, rule: Partial<BuiltInRule['rule']>) =>
  call<BuiltInRule>(visit, 'PUT', PATH, { rule: { enabled: false, ...rule } });

const row = (page: Page) => page.getByTestId('built-in-rule');

async function open(given: VisitOptions = {}): Promise<Visit> {
  const visit = await stage.visit({ path: '/alerts', ...given });
  await row(visit.page).getByRole('heading', { name: 'Spikes and dumps' }).waitFor();
  return visit;
}

const edit = (page: Page) => page.getByRole('button', { name: 'Edit Spikes and dumps' }).click();
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click();

async function expectNoFaults(page: Page): Promise<void> {
  expect(await findViolations(page)).toEqual([]);
  expect(await findLayoutFaults(page)).toEqual([]);
}

describe('the rule that sends the collector’s alerts', () => {
  beforeAll(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const visit = await stage.visit({ path: '/alerts' });
    for (const name of ['Phone', 'Desk'])
      await call(visit, 'POST', '/api/alert-channels', { name, settings: { kind: 'webhook', url } });
  });
  afterAll(() => void receiver.close());

  beforeEach(async () => {
    await put(await stage.visit({ path: '/alerts' }), {});
  });

  it.each([390, 1440])(
    'UI60 is a row of the rules that is edited in place, by keyboard alone: %i',
    async (width) => {
      const visit = await open({ width });
      const { page } = visit;
      await expectSoon(() => row(page).innerText()).toMatch(
        /Sends the collector’s spike and dump alerts of all symbols, up and down, to no channel yet\.\s+off/,
      );
      await expectNoFaults(page);

      await page.getByRole('button', { name: 'Edit Spikes and dumps' }).focus();
      await pressTo(page, 'Enter', { text: 'On' });
      await page.keyboard.press('Space');
      await pressTo(page, 'Tab', { text: 'Symbols' });
      await page.keyboard.type('sui-usdt, BTCUSDT');
      await pressTo(page, 'Tab', { text: 'Direction' });
      await page.keyboard.press('ArrowDown');
      await pressTo(page, 'Tab', { text: 'Quiet hours' });
      await page.keyboard.press('Space');
      await page.getByLabel('Time zone').fill('Europe/Berlin');
      await expectNoFaults(page);
      await pressTo(page, 'Tab', { text: 'Phone' });
      await page.keyboard.press('Space');
      await pressTo(page, 'Tab', { text: 'Desk' });
      await page.keyboard.press('Space');
      await pressTo(page, 'Tab', { text: 'Save' });
      await pressTo(page, 'Enter', { text: 'Edit Spikes and dumps' });
      expect(await row(page).innerText()).toMatch(
        /spike alerts of SUIUSDT, BTCUSDT, up only, to 2 channels\.\s+Phone, Desk · held 22:00–07:00 Europe\/Berlin/,
      );
      await expectNoFaults(page);
      expect((await call<BuiltInRule>(visit, 'GET', PATH)).rule).toMatchObject({
        enabled: true,
        direction: 'up',
        quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
      });
      // It is no rule of the tier.
      expect(await page.locator('#rules-title').innerText()).toMatch(/^Rules 0 of 10/);
    },
  );

  it('UI61 sends an alert of the collector to its channel, and is named in the ledger', async () => {
    await resetAlerts(stage);
    const { page } = await open();
    await edit(page);
    await page.getByLabel('Desk', { exact: true }).check();
    await save(page);
    await page.getByRole('switch', { name: 'Spikes and dumps is on' }).click();
    await row(page).locator('[role="switch"][aria-checked="true"]').waitFor();
    await postAlert(stage);
    await expectSoon(() => received.join('')).toContain('SUIUSDT');
    await page.reload();
    const delivery = page.getByRole('list', { name: 'Deliveries' }).locator('li').first();
    await expectSoon(() => delivery.innerText()).toMatch(
      /SUI[^]*▲ \+4\.21%[^]*Desk · delivered \(200\) · Spikes and dumps in 5 min/,
    );
    expect(await delivery.getByRole('link').getAttribute('href')).toBe('/?s=SUIUSDT');
    await page.getByText('No rule has fired yet.').waitFor();
  });

  it('UI62 keeps what was typed when it is refused: the field by its name, or that it was changed elsewhere', async () => {
    const visit = await open({ allow: [/status of 4(00|12)/] });
    const { page } = visit;
    await edit(page);
    await page.getByRole('checkbox', { name: 'On', exact: true }).check();
    await page.getByText('No channel is chosen: nothing is sent.').waitFor();
    await page.getByLabel('Symbols').fill('BTCUSDT ETH!');
    await page.getByLabel('Quiet hours').check();
    await page.getByLabel('Time zone').fill('Mars');
    await save(page);
    await expectSoon(() => page.locator('.rule-refusal').innerText()).toMatch(
      /^Please correct:\s+Quiet hours: must be an IANA time zone/,
    );
    await page.getByLabel('Time zone').fill('UTC');
    await save(page);
    await expectSoon(() => page.locator('.rule-refusal').innerText()).toMatch(/^Please correct:\s+Symbols: /);
    await page.getByLabel('Symbols').fill('BTCUSDT');

    await put(visit, { direction: 'down' });
    await save(page);
    await page.getByText('The rule was changed elsewhere since it was read here.').waitFor();
    await page.getByRole('button', { name: 'Save all the same' }).click();
    await expectSoon(() => row(page).innerText()).toMatch(
      /alerts of BTCUSDT, up and down, to no channel yet\.\s+held 22:00–07:00 UTC\s+It sends nothing: edit it/,
    );

    // The switch does not undo what it has not read.
    await put(visit, { direction: 'down' });
    await page.getByRole('switch', { name: 'Spikes and dumps is on' }).click();
    await row(page).getByText('The rule was changed elsewhere since it was read here.').waitFor();
    await expectSoon(() => row(page).innerText()).toContain('down only');
  });

  it('UI63 is not shown to Free, whose tier has no rules', async () => {
    const { page } = await stage.visit({ as: 'free', path: '/alerts' });
    await page.getByRole('heading', { name: 'Your own alerts come with Pro' }).waitFor();
    expect(await row(page).count()).toBe(0);
  });
});
