import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { openAlerts } from './support/alertCalls.ts';
import { findLayoutFaults, findViolations } from './support/lookProbe.ts';
import { postMarket } from './support/market.ts';
import { readSenses, watchSenses } from './support/senses.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const stage = withStage();
const SOUND = { introduced: true, sound: { on: true, volume: 40, up: true, down: true } };

async function post(openInterest: number): Promise<void> {
  await postMarket(stage.server, stage.clock, [
    { symbol: 'SUIUSDT', openInterest, markPrice: 2, volume24h: 9e9 },
  ]);
}

describe('a firing of an own rule', () => {
  it('UI58 is in the feed with its rule, rings, is filtered, opens its symbol, and is there after a reload', async () => {
    await post(400e6);
    const { page } = await openAlerts(stage, {
      prepare: (it) => watchSenses(it, { settings: SOUND }),
    });
    const created = await page.request.post(`${stage.server.url}/api/alert-rules`, {
      headers: { Origin: stage.server.url },
      data: { name: 'Large moves of mine', window: '5m', direction: 'up', thresholdPct: 3 },
    });
    expect(created.status()).toBe(201);
    stage.clock.jump(5 * MINUTE_MS);
    await post(430e6);

    const card = page.locator('article.alert', { hasText: 'Large moves of mine' });
    await card.waitFor();
    expect((await card.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /^Rule SUI .* ago ▲ \+7\.50% in 5 min Large moves of mine 400\.00M → 430\.00M SUI/,
    );
    expect(await card.getByRole('button').getAttribute('aria-label')).toMatch(
      /^SUI, OI spike \+7\.50% in 5 min, rule Large moves of mine/,
    );
    await expectSoon(async () => (await readSenses(page)).tones.length).toBe(2);
    expect(await findViolations(page)).toEqual([]);
    expect(await findLayoutFaults(page)).toEqual([]);
    // The tile counts what the collector found.
    expect(await page.locator('.tile', { hasText: 'OI alerts' }).innerText()).toMatch(/0 spikes/);

    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('My rules only').check();
    await expectSoon(() => page.locator('article.alert').count()).toBe(1);
    await card.getByRole('button').click();
    await page.getByRole('heading', { name: 'SUIUSDT' }).waitFor();
    // Who steps through alerts sees which one is open.
    const outline = () => card.evaluate((it) => getComputedStyle(it).outlineStyle);
    await expectSoon(outline).toBe('solid');
    await page.reload();
    await card.waitFor();
  });
});
