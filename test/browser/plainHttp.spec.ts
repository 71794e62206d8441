import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.ts';
import { postMarket } from './support/market.ts';
import { untilState } from './support/pageProbe.ts';
import { openStage, type Stage } from './support/stage.ts';

/** A name that is not of this machine, as a server in a cupboard has one. */
const NAME = 'oi.test';

let browser: Browser;
let strict: Stage;
let trusting: Stage;

beforeAll(async () => {
  browser = await launchChromium([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
  strict = await openStage();
  trusting = await openStage({ env: { AUTH_COOKIE_INSECURE: 'true' } });
  for (const { server, clock } of [strict, trusting]) {
    await postMarket(server, clock, [{ symbol: 'BTCUSDT', openInterest: 4e9, markPrice: 2, volume24h: 9e9 }]);
  }
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser.close();
  await strict.close();
  await trusting.close();
});

async function openSignIn(stage: Stage, width = 1440): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 844 } });
  const page = await context.newPage();
  await page.goto(`http://${NAME}:${stage.server.port}/sign-in`);
  expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
  return page;
}

async function signIn(stage: Stage, page: Page): Promise<void> {
  await page.getByLabel('Access token').fill(await stage.server.token('pro'));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describe('sign-in over plain http on a name that is not loopback', () => {
  it.each([1440, 390])('UI32 says why it cannot be and what to do, in a window of %d px', async (width) => {
    const page = await openSignIn(strict, width);
    await signIn(strict, page);
    const said = await page.getByRole('alert').innerText();
    expect(said).toContain(`http://${NAME}:${strict.server.port} is not encrypted`);
    expect(said).toContain(`https://${NAME}`);
    expect(said).toContain('AUTH_COOKIE_INSECURE=true');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await page.context().cookies()).toEqual([]);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
  });

  it('UI32 works in a private network that the operator allows, with live updates and sign-out', async () => {
    const page = await openSignIn(trusting);
    await signIn(trusting, page);
    await untilState(page, 'live');
    expect(await page.context().cookies()).toMatchObject([
      { name: 'oi_session', secure: false, httpOnly: true, sameSite: 'Strict' },
    ]);
    await page.locator('.controls .popover > button').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  it('UI32 shows a message if the browser stores no cookie for another reason', async () => {
    const page = await openSignIn(trusting);
    // A proxy that speaks of TLS where there is none: the cookie is Secure, and the browser drops it.
    await page.setExtraHTTPHeaders({ 'X-Forwarded-Proto': 'https' });
    await signIn(trusting, page);
    expect(await page.getByRole('alert').innerText()).toContain(
      'The browser did not keep the session cookie. Allow cookies for this address',
    );
    expect(new URL(page.url()).pathname).toBe('/sign-in');
  });
});
