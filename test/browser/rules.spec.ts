import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import webpush from 'web-push';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { formatDay, formatMinute } from '../../src/dashboard/timeOfDay.ts';
import { postMarket } from './support/market.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const receiver = createServer((request, response) => {
  request.resume();
  response.end('thank you');
});
let receiverUrl: string;
const stage = withStage({
  env: {
    ALERT_SECRETS_KEYS: randomBytes(32).toString('base64'),
    ALERT_RECEIVERS_ALLOW_HTTP: 'true',
    ALERT_RECEIVERS_ALLOW_PRIVATE: 'true',
    ...vapidEnv(),
  },
});

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  await postMarket(stage.server, stage.clock, [
    { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9 },
  ]);
});
afterAll(() => void receiver.close());

function vapidEnv(): NodeJS.ProcessEnv {
  const { publicKey, privateKey } = webpush.generateVAPIDKeys();
  return {
    VAPID_PUBLIC_KEY: publicKey,
    VAPID_PRIVATE_KEY: privateKey,
    VAPID_SUBJECT: 'mailto:ops@example.com',
  };
}

const rules = (page: Page) => page.locator('.rule-list li');

async function save(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Save' }).click();
}

describe('the page of alert rules', () => {
  it('creates a rule, describes it in a sentence, changes it, switches it off and deletes it', async () => {
    const { page } = await stage.visit({ path: '/alerts' });
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Symbols').fill('btc-usdt, ETHUSDT');
    await page.getByLabel('Change of open interest').fill('3');
    await page.getByLabel('Within').selectOption('1h');
    await page.getByLabel('Price in the same time').selectOption('flat');
    await save(page, 'Building quietly');
    await expectSoon(() => rules(page).innerText()).toContain(
      'Open interest rises or falls 3% or more, by at least $1M, within 1 h, on BTCUSDT, ETHUSDT; ' +
        'price within ±0.5%.',
    );

    await page.getByRole('button', { name: 'Edit Building quietly' }).click();
    await page.getByLabel('Least change in USD').fill('50m');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectSoon(() => rules(page).innerText()).toContain('by at least $50M');

    await page.getByRole('switch', { name: 'Building quietly is on' }).click();
    await page.locator('[role="switch"][aria-checked="false"]').waitFor();
    await page.getByRole('button', { name: 'Delete Building quietly' }).click();
    await page.getByRole('button', { name: 'Delete now? Building quietly' }).click();
    await expectSoon(() => rules(page).count()).toBe(0);
  });

  it('keeps what was typed and names the field when the server refuses it', async () => {
    const { page } = await stage.visit({ path: '/alerts', allow: [/status of 400/] });
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Change of open interest').fill('lots');
    await page.getByLabel('Unusual at least').fill('very');
    await save(page, 'Too much');
    const refusal = page.locator('.rule-refusal');
    await refusal.waitFor();
    expect(await refusal.innerText()).toMatch(/^Please correct:[^]*Change of open interest:[^]*Unusual: /);
    expect(await page.getByLabel('Name').inputValue()).toBe('Too much');

    await page.getByLabel('Change of open interest').fill('5');
    await page.getByLabel('Unusual at least').fill('');
    await page.getByLabel('Symbols').fill('BTCUSDT ETH!');
    await page.getByRole('button', { name: 'Save' }).click();
    await expectSoon(() => refusal.innerText()).toMatch(/^Please correct:\s+Symbols: must be letters/);
  });

  it('replays the rule in the form over stored history before it is saved', async () => {
    const { clock, server } = stage;
    for (const openInterest of [4e9, 4.4e9, 4.4e9]) {
      clock.jump(5 * MINUTE_MS);
      await postMarket(server, clock, [{ symbol: 'BTCUSDT', openInterest, markPrice: 2, volume24h: 9e9 }]);
    }
    const { page } = await stage.visit({
      path: '/alerts?new=1&window=5m&pct=5',
      // The page replays up to its own time, and the server's clock has jumped.
      prepare: (opened) => opened.clock.setFixedTime(clock.now()),
    });
    await page.getByRole('button', { name: 'Last day' }).click();
    await expectSoon(() => page.getByTestId('replay-result').innerText()).toBe(
      '1 firing on 1 symbol in the last day.',
    );
    expect(await page.locator('.replay .firing-list li').innerText()).toContain('+10.00%');
    await page.getByRole('button', { name: '7 days' }).click();
    await expectSoon(() => page.locator('.replay-axis').innerText()).toMatch(
      /^7 days ago\s+at most 1 a day\s+now$/,
    );
    expect(await page.locator('.replay-days li').last().getAttribute('title')).toBe(
      `24 h until ${formatDay(clock.now(), 'utc')}, ${formatMinute(clock.now(), 'utc')}: 1`,
    );
  });

  it('adds a webhook, shows its secret once, and lists what a test delivered', async () => {
    const { page } = await stage.visit({ path: '/alerts' });
    await page.getByRole('button', { name: 'New channel' }).click();
    await page.getByLabel('Channel name').fill('My server');
    await page.getByLabel('Address').fill(receiverUrl);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expectSoon(() => page.locator('.channel-secret').innerText()).toMatch(/shown once: whsec_/);
    await page.getByRole('button', { name: 'Test My server' }).click();
    await soon(
      () => page.locator('[data-status="delivered"]').allInnerTexts(),
      (it) => expect(it.join()).toMatch(/Test[^]*My server[^]*delivered \(200\)/),
    );
    expect(await findViolations(page)).toEqual([]);
  });

  it('opens a rule that a link describes', async () => {
    const { page } = await stage.visit({ path: '/alerts?new=1&symbols=BTCUSDT&window=4h&pct=7&usd=2B' });
    await page.getByLabel('Name').waitFor();
    expect(await page.getByLabel('Within').inputValue()).toBe('4h');
    expect(await page.getByLabel('Least change in USD').inputValue()).toBe('2B');
  });

  it('says what the Free tier lacks, and shows no form', async () => {
    const { page } = await stage.visit({ as: 'free', path: '/alerts' });
    await page.getByRole('heading', { name: 'Your own alerts come with Pro' }).waitFor();
    expect(await page.getByRole('button', { name: 'New rule' }).count()).toBe(0);
  });

  it.each([390, 1440])('has no accessibility or layout fault at a width of %i', async (width) => {
    const { page } = await stage.visit({ path: '/alerts?new=1', width });
    await page.getByLabel('Name').waitFor();
    expect(await findViolations(page)).toEqual([]);
    expect(await findLayoutFaults(page)).toEqual([]);
    const broken = await page
      .locator('.rule-field > label:not(.rule-check), .rule-field > p, .replay .button')
      .evaluateAll((all) => {
        const rowsOf = (it: Element): number => {
          const range = document.createRange();
          range.selectNodeContents(it);
          return new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size;
        };
        return all.filter((it) => it.textContent !== '' && rowsOf(it) > 1).map((it) => it.textContent);
      });
    // A sentence may be longer than a phone is wide.
    expect(broken).toEqual(width < 720 ? [expect.stringMatching(/^Listed here/)] : []);
  });

  it('adds this browser as a channel; a push shows a notification, and a click on it opens the symbol', async () => {
    const { page } = await stage.visit({ path: '/alerts' });
    await page.context().grantPermissions(['notifications']);
    // The push service of a browser is on the Internet: its answer is ours.
    await page.evaluate(
      (keys) => {
        PushManager.prototype.subscribe = () =>
          Promise.resolve({
            toJSON: () => ({ endpoint: 'http://127.0.0.1:9/push', keys }),
          } as unknown as PushSubscription);
      },
      { p256dh: webpush.generateVAPIDKeys().publicKey, auth: randomBytes(16).toString('base64url') },
    );
    await page.getByRole('button', { name: 'Add this browser' }).click();
    await page.getByText('Browser · 127.0.0.1').waitFor();

    // A push to a worker that is not active yet is lost.
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
    const devTools = await page.context().newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [first] }) => {
        if (first) resolve(first.registrationId);
      });
    });
    await devTools.send('ServiceWorker.enable');
    const message = {
      origin: new URL(page.url()).origin,
      registrationId: await registered,
      data: JSON.stringify({
        id: 'one',
        title: 'BTCUSDT open interest +6.00% in 5m',
        body: '',
        symbol: 'BTCUSDT',
      }),
    };
    // Sent again until it is shown, as a browser under load may lose one; the same id replaces the first.
    const listTitles = async () => {
      await devTools.send('ServiceWorker.deliverPushMessage', message);
      return page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map((it) => it.title);
      });
    };
    await expectSoon(listTitles).toEqual(['BTCUSDT open interest +6.00% in 5m']);
    const worker = page.context().serviceWorkers()[0]!;
    // Dispatched, it may not focus a page as a click of the viewer may.
    await worker.evaluate(`(async () => {
      const [notification] = await registration.getNotifications();
      WindowClient.prototype.focus = async function () { return this; };
      dispatchEvent(new NotificationEvent('notificationclick', { notification }));
    })()`);
    await expectSoon(() => Promise.resolve(page.url())).toMatch(/\/\?s=BTCUSDT/);
  });
});
