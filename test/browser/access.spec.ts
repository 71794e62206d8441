import { beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { postMarket } from './support/market.ts';
import { untilState } from './support/pageProbe.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const DEBUG = '/debug/open-interest';

const stage = withStage();

beforeAll(() =>
  postMarket(stage.server, stage.clock, [
    { symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9 },
  ]),
);

/** The browser writes every refused request to its console. */
const REFUSED = [/status of 40[13]/];

describe('access to pages', () => {
  it('UI28 a guest on the operator page is redirected to sign-in and back, without a guest socket', async () => {
    const path = `${DEBUG}?universe=silent`;
    const { page, traffic } = await stage.visit({ as: null, path });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expectSoon(() => new URL(page.url()).searchParams.get('next')).toBe(path);
    expect(traffic.sockets()).toBe(0);
    await page.getByRole('button', { name: 'Demo admin' }).click();
    await page.locator('[data-testid="development-strip"]').waitFor();
    await expectSoon(() => new URL(page.url()).pathname + new URL(page.url()).search).toBe(path);
  });

  it.each(['free', 'pro', 'elite'] as const)(
    'UI28 shows %s that the debug page is for operators',
    async (as) => {
      const { page, context, traffic } = await stage.visit({ as, path: DEBUG, allow: REFUSED });
      await page.getByRole('heading', { name: 'This page is for operators.' }).waitFor();
      expect(await page.title()).toBe('OI: operators only');
      expect(traffic.sockets()).toBe(0);
      const refused = await context.request.get(`${stage.server.url}/api/market/open-interest/debug`);
      expect(refused.status()).toBe(403);
      await page.getByRole('link', { name: 'Back to the dashboard' }).click();
      await page.locator('html[data-state]').waitFor();
    },
  );

  it('UI28 sign-in accepts a token once, stores it nowhere, and reports the end of the session', async () => {
    const token = await stage.server.token('pro', { sub: 'browser-short', expiresInMs: 10 * MINUTE_MS });
    const { page, context } = await stage.visit({
      as: null,
      path: '/sign-in?next=%2F%3Fq%3Dbtc',
      allow: REFUSED,
    });
    const field = page.getByLabel('Access token');
    await field.fill('not a token');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(await page.getByRole('alert').innerText()).toContain('That does not look like an access token.');
    expect(await field.evaluate((it) => it === document.activeElement)).toBe(true);
    await field.fill('oi_operator_0123456789');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(await page.getByRole('alert').innerText()).toContain('That is an API key');
    await field.fill(` Bearer ${token} `);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await untilState(page, 'live');
    await expectSoon(() => new URL(page.url()).search).toBe('?q=btc');
    const kept = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage, document.cookie, window.location.href]),
    );
    expect(kept).not.toContain(token.slice(-20));
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'oi_session', httpOnly: true, sameSite: 'Strict' });

    stage.clock.jump(11 * MINUTE_MS);
    await page.getByText('Your session has ended. Sign in again.').waitFor();
    await expectSoon(() => new URL(page.url()).searchParams.get('next')).toBe('/?q=btc');
    await page.getByLabel('Access token').fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expectSoon(() => page.getByRole('alert').innerText()).toMatch(
      /This token has expired \(at \d\d:\d\d:\d\d\)\./,
    );
  });

  it('UI28 a sign-out in one tab ends the session in the others', async () => {
    const { page, context } = await stage.visit({ path: '/' });
    const other = await stage.visit({ context, path: '/', allow: REFUSED });
    for (const it of [page, other.page]) await it.locator('tr[data-symbol="BTCUSDT"]').waitFor();
    await page.locator('.controls .popover > button').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.page.getByText('Your session has ended. Sign in again.').waitFor();
  });
});
