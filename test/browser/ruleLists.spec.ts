import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import type { AlertFiring } from '../../src/openInterest/rules/alertFiring.types.ts';
import type { AlertRule } from '../../src/openInterest/rules/rules.types.ts';
import type { Channel, Delivery } from '../../src/openInterest/delivery/channel.types.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withStage, type Visit } from './support/stage.ts';

const stage = withStage();

const EVIDENCE = {
  changePct: 5,
  changeUsd: 2e6,
  base: { ts: 0, openInterest: 100, openInterestUsd: 1e6 },
  current: { ts: 0, openInterest: 105, openInterestUsd: 1.05e6 },
  coverage: 1,
  priceChangePct: 0.1,
  fundingRate: 0.0001,
  reading: 'building',
  unusual: 6.2,
};

const firing = (i: number): AlertFiring => ({
  id: `firing-${i}`,
  ruleId: 'rule',
  ruleVersion: 1,
  ruleName: 'Large moves',
  symbol: `S${i}USDT`,
  window: '5m',
  direction: 'up',
  firedAt: stage.clock.now() - i * 1_000,
  quiet: false,
  evidence: EVIDENCE,
  after: [],
});

const delivery = (i: number): Delivery => ({
  id: `delivery-${i}`,
  channelId: 'channel-0',
  channelName: 'Desk',
  kind: 'webhook',
  test: false,
  status: i === 0 ? 'waiting' : 'delivered',
  attempts: 1,
  createdAt: stage.clock.now() - i * 1_000,
  nextAttemptAt: null,
  finishedAt: null,
  responseStatus: i === 0 ? 503 : 200,
  responseText: null,
  error: i === 0 ? '503' : null,
  firing: { ...firing(i), id: randomUUID(), userId: 'u' },
});

const channel = (i: number): Channel => ({
  id: `channel-${i}`,
  name: i === 0 ? 'Desk' : `A channel with a name that is as long as people like to write them, number ${i}`,
  kind: 'webhook',
  receiver: 'hooks.example.com',
  hint: 'ab1=',
  on: true,
  offReason: null,
  failures: 0,
  failingSince: null,
  lastError: null,
  retryAt: null,
  createdAt: 0,
  updatedAt: 0,
});

/** A page of a list that goes on, as the server answers. */
function pageOf<Item>(
  route: Route,
  count: number,
  make: (i: number) => Item,
): { items: Item[]; nextBefore: string | null } {
  const query = new URL(route.request().url()).searchParams;
  const from = Number(query.get('before') ?? 0);
  const to = Math.min(count, from + Number(query.get('limit')));
  return {
    items: Array.from({ length: to - from }, (_, i) => make(from + i)),
    nextBefore: to < count ? String(to) : null,
  };
}

/** The user has many firings, deliveries and channels. */
async function fill(page: Page, count: number): Promise<void> {
  await page.route('**/api/alert-firings?*', (route) => {
    const { items, nextBefore } = pageOf(route, count, firing);
    return route.fulfill({ json: { firings: items, nextBefore } });
  });
  await page.route('**/api/alert-deliveries?*', (route) => {
    const { items, nextBefore } = pageOf(route, count, delivery);
    return route.fulfill({ json: { deliveries: items, nextBefore } });
  });
  await page.route('**/api/alert-channels', (route) =>
    route.fulfill({
      json: { channels: Array.from({ length: 20 }, (_, i) => channel(i)), limit: 20, vapidPublicKey: null },
    }),
  );
}

async function call<Answer>({ page }: Visit, method: string, path: string, data?: unknown): Promise<Answer> {
  const answer = await page.request.fetch(stage.server.url + path, {
    method,
    headers: { Origin: stage.server.url },
    ...(data === undefined ? {} : { data }),
  });
  return (answer.status() === 204 ? null : await answer.json()) as Answer;
}

const addRule = (visit: Visit, name: string) =>
  call<AlertRule>(visit, 'POST', '/api/alert-rules', {
    name,
    window: '5m',
    direction: 'up',
    thresholdPct: 3,
  });

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: it } = document;
    return it?.getAttribute('aria-label') ?? (it as HTMLInputElement | null)?.labels?.[0]?.textContent ?? '';
  });

describe('the lists of the page of alert rules', () => {
  afterEach(async () => {
    const visit = await stage.visit({ as: 'elite', path: '/alerts' });
    const { rules } = await call<{ rules: AlertRule[] }>(visit, 'GET', '/api/alert-rules');
    for (const { id } of rules) await call(visit, 'DELETE', `/api/alert-rules/${id}`);
  });

  it.each([390, 1440])('UI51 opens the editor where the rule is, and finds one of 100: %i', async (width) => {
    const visit = await stage.visit({ as: 'elite', path: '/alerts', width });
    const { page } = visit;
    for (let i = 0; i < 100; i += 1) await addRule(visit, `Rule ${i}`);
    await page.reload();
    await page.getByRole('button', { name: 'Edit Rule 80' }).click();
    await expectSoon(() => focused(page)).toBe('Name');
    expect(await page.getByLabel('Name').inputValue()).toBe('Rule 80');
    const top = async () => (await page.getByLabel('Name').boundingBox())!.y;
    await expectSoon(async () => (await top()) >= 0 && (await top()) < 900).toBe(true);
    // What is typed would be lost.
    expect(await page.getByRole('button', { name: 'Edit Rule 79' }).isDisabled()).toBe(true);
    expect(await page.getByTestId('rule-sentence').innerText()).toMatch(/^Open interest rises 3% or more/);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expectSoon(() => focused(page)).toBe('Edit Rule 80');

    await page.getByLabel('Find a rule').fill('rule 42');
    await expectSoon(() => page.locator('.rule-list h3').allInnerTexts()).toEqual(['Rule 42']);
    await page.getByRole('button', { name: 'Delete Rule 42' }).click();
    await page.getByRole('button', { name: 'Delete now? Rule 42' }).click();
    await page.getByText('No rule contains “rule 42”.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('rules-title');
    expect(await findViolations(page)).toEqual([]);
    expect(await findLayoutFaults(page)).toEqual([]);
  });

  it('UI52 keeps what was typed when a rule was changed or deleted elsewhere, and saves it on request', async () => {
    const visit = await stage.visit({ as: 'elite', path: '/alerts', allow: [/status of 4(12|04)/] });
    const { page } = visit;
    const { id, rule } = await addRule(visit, 'Shared');
    await page.reload();
    await page.getByRole('button', { name: 'Edit Shared' }).click();
    await page.request.fetch(`${stage.server.url}/api/alert-rules/${id}`, {
      method: 'PUT',
      headers: { Origin: stage.server.url, 'If-Match': '"1"' },
      data: { ...rule, thresholdPct: 9 },
    });
    await page.getByLabel('Name').fill('Mine');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The rule was changed elsewhere since it was read here.').waitFor();
    await page.getByRole('button', { name: 'Save all the same' }).click();
    await expectSoon(() => focused(page)).toBe('Edit Mine');

    await page.getByRole('button', { name: 'Edit Mine' }).click();
    await page.getByLabel('Name').fill('Mine again');
    await call(visit, 'DELETE', `/api/alert-rules/${id}`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('It was deleted elsewhere.').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Mine again');
    await page.getByRole('button', { name: 'Save all the same' }).click();
    await page.getByRole('heading', { name: 'Mine again' }).waitFor();
  });

  it('UI53 says how old its lists are while the server fails, and reads them again on request', async () => {
    let isDown = false;
    const { page } = await stage.visit({
      path: '/alerts',
      allow: [/status of 503/],
      async prepare(page) {
        await fill(page, 1);
        await page.route('**/api/alert-firings?*', (route) =>
          isDown
            ? route.fulfill({
                status: 503,
                json: { error: { code: 'unavailable', message: 'The database is down' } },
              })
            : route.fallback(),
        );
      },
    });
    const fault = page.locator('.read-fault');
    await page.locator('li[data-symbol="S0USDT"]').waitFor();
    isDown = true;
    await expectSoon(() => fault.innerText()).toMatch(
      /^Firings cannot be read: The database is down\. Shown as of \d\d:\d\d:\d\d\. Try again$/,
    );
    expect(await page.locator('li[data-symbol="S0USDT"]').count()).toBe(1);
    isDown = false;
    await fault.getByRole('button', { name: 'Try again' }).click();
    await fault.waitFor({ state: 'detached' });
  });

  it.each([390, 1440])(
    'UI54 shows thousands of firings page by page, and links their symbols: %i',
    async (width) => {
      const { page } = await stage.visit({ path: '/alerts', width, prepare: (it) => fill(it, 5_000) });
      const fired = page.getByRole('list', { name: 'Fired alerts' });
      const ledger = page.getByRole('list', { name: 'Deliveries' });
      await expectSoon(() => fired.locator('[data-symbol]').count()).toBe(50);
      await fired.getByRole('button', { name: 'Show older' }).click();
      await expectSoon(() => fired.locator('[data-symbol]').count()).toBe(250);
      const links = ledger.getByRole('link');
      expect(await links.nth(1).getAttribute('href')).toBe('/?s=S1USDT');
      expect(await ledger.locator('li').first().textContent()).toMatch(
        /S0USDT[^]*▲ \+5\.00%[^]*Desk · waiting after 1 attempt: 503 · Large moves/,
      );
      expect(await findViolations(page)).toEqual([]);
      expect(await findLayoutFaults(page)).toEqual([]);
    },
  );

  it('UI55 asks before it deletes a channel, and shows which channels a rule sends to', async () => {
    const deleted: string[] = [];
    const visit = await stage.visit({
      path: '/alerts?new=1',
      async prepare(page) {
        await fill(page, 1);
        await page.route('**/api/alert-channels/*', (route) => {
          deleted.push(route.request().method());
          return route.fulfill({ status: 204 });
        });
      },
    });
    const { page } = visit;
    await page.getByText('No channel is chosen: what fires is listed on this page only.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(new URL(page.url()).search).toBe('');
    await page.getByRole('button', { name: 'Delete Desk' }).click();
    expect(deleted).toEqual([]);
    await page.getByRole('button', { name: 'Delete now? Desk' }).click();
    await expectSoon(() => deleted).toEqual(['DELETE']);
    await expectSoon(() => page.evaluate(() => document.activeElement?.id)).toBe('channels-title');
  });
});
