import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { SECOND_MS } from '../../src/kit/clock.ts';
import { waitFor } from '../support/waitFor.ts';
import { DUMP, openAlerts, postAlert, resetAlerts } from './support/alertCalls.ts';
import { cuttableLine } from './support/line.ts';
import { findViolations } from './support/lookProbe.ts';
import { postMarket } from './support/market.ts';
import { readAlerts, untilState } from './support/pageProbe.ts';
import { readSenses, setHidden, watchSenses } from './support/senses.ts';
import { expectSoon } from './support/soon.ts';
import { withStage } from './support/stage.ts';
import { interceptWire, type Wire } from './support/wire.ts';

const stage = withStage();

beforeEach(() => resetAlerts(stage));

const alertsButton = (page: Page) => page.locator('.header').getByRole('button', { name: /^Alerts/ });

describe('an alert', () => {
  it('UI24 is first in the feed, shows its direction by more than colour, and is unread until it has been visible', async () => {
    let wire: Wire | undefined;
    const { page, traffic } = await openAlerts(stage, {
      prepare: async (it) => {
        wire = await interceptWire(it);
      },
    });
    await alertsButton(page).click();
    await postAlert(stage, DUMP);
    stage.clock.jump(SECOND_MS);
    const posted = { timestamp: stage.clock.now() };
    const id = await postAlert(stage, posted);
    await waitFor('the badge', async () => (await alertsButton(page).innerText()).includes('2'));
    expect(await page.title()).toMatch(/^\(2\) OI updated /);
    expect(await page.locator('p[aria-live="polite"]').innerText()).toContain('AIA down 7.90%');

    // Nobody sees it yet: as soon as somebody does, two seconds make it read.
    await setHidden(page, true);
    await alertsButton(page).click();
    const card = page.locator('article.alert').first();
    expect(await card.getAttribute('data-alert')).toBe(id);
    expect(await page.locator('.rail-head').innerText()).toContain('2 unread');
    expect(await card.getByRole('button').getAttribute('aria-label')).toBe(
      'SUI, OI spike +4.21% in 5 min, unread. Open',
    );
    expect((await card.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /^OI SUI (?:<1|\d+)s ago ▲ \+4\.21% in 5 min 412\.60M → 430\.00M SUI \(\+\$34\.80M\) · price \+0\.38% · funding \+0\.0100% · New longs$/,
    );
    const rail = await card.evaluate((it) => {
      const { borderLeftStyle, borderLeftWidth } = getComputedStyle(it);
      return { borderLeftStyle, borderLeftWidth, icons: it.querySelectorAll('.alert-kind .icon').length };
    });
    expect(rail).toEqual({ borderLeftStyle: 'solid', borderLeftWidth: '4px', icons: 1 });

    const openedAt = await page.evaluate(() => performance.now());
    await page.waitForFunction((from) => performance.now() - from > 2_500, openedAt);
    expect(await page.locator('.rail-head').innerText()).toContain('2 unread');
    await setHidden(page, false);
    // In sight for two seconds: read. The mark between new and old stays until the feed is closed.
    await expectSoon(() => page.title()).toMatch(/^OI updated /);
    expect(await card.getByRole('button').getAttribute('aria-label')).toContain('unread');

    // Again from whoever found it, and again over the line; what comes after shows that both have arrived.
    expect(await postAlert(stage, posted)).toBe(id);
    const [again] = traffic.received('open-interest-alert').slice(-1);
    wire!.tell(`42${JSON.stringify(['open-interest-alert', again])}`);
    await postAlert(stage, { symbol: 'AIAUSDT' });
    await expectSoon(() => readAlerts(page)).toHaveLength(3);
    expect(await page.locator('article.alert', { hasText: 'alerts)' }).count()).toBe(0);
  });

  it('UI24 has its reading, the last day and what followed; a filter that is saved lists some of them', async () => {
    const id = await postAlert(stage);
    const other = await postAlert(stage, DUMP);
    const { page } = await openAlerts(stage);
    const card = page.locator(`article[data-alert="${id}"]`);
    expect(await card.locator('.alert-after').count()).toBe(0);
    await stage.database.pool.query(
      `update open_interest_alerts set after = $1::jsonb where symbol = 'SUIUSDT'`,
      [
        JSON.stringify([
          { minutes: 5, oiChange: 0.0123, priceChange: -0.004 },
          { minutes: 15, oiChange: null, priceChange: 0.01 },
        ]),
      ],
    );
    await page.reload();
    await card.locator('.alert-after').waitFor();
    expect(await card.locator('.alert-after').innerText()).toMatch(
      /^What followed\s+after\s+5 min\s+15 min\s+OI\s+\+1\.23%\s+—\s+price\s+−0\.40%\s+\+1\.00%$/,
    );
    await page.locator('.alert-filter summary').click();
    await page.getByLabel('Direction').selectOption('DOWN');
    expect(await readAlerts(page)).toEqual([other]);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.locator('article.alert').first().waitFor();
    expect(await readAlerts(page)).toEqual([other]);
    await page.locator('.alert-filter summary').click();
    await page.getByLabel('Size', { exact: true }).selectOption('50000000');
    await page.getByText('No OI alert passes the filter').waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    expect((await readAlerts(page)).toSorted()).toEqual([id, other].toSorted());
  });

  it('UI24 has its trend beside the amount, also where it stands for several alerts', async () => {
    const sui = { symbol: 'SUIUSDT', openInterest: 430e6, markPrice: 2, volume24h: 9e9, d60: 2, d1440: 3 };
    await postMarket(stage.server, stage.clock, [sui]);
    await postAlert(stage, { timeframe: '15 min', timestamp: stage.clock.now() - SECOND_MS });
    await postAlert(stage, { timeframe: '15 min' });
    const { page } = await openAlerts(stage);
    const size = page.locator('.alert-size', { hasText: '(2 alerts)' });
    const [text, trend] = [size.locator('span').first(), size.locator('.spark')];
    expect((await trend.boundingBox())!.y).toBeLessThanOrEqual((await text.boundingBox())!.y + 4);
  });

  it('UI24 is listed under New until the feed is closed, above those of earlier visits', async () => {
    const before = await postAlert(stage, DUMP);
    const { page } = await openAlerts(stage);
    const readFeed = () =>
      page.$$eval('.rail-divider, [data-alert]', (its) =>
        its.map((it) => it.getAttribute('data-alert') ?? it.textContent),
      );
    expect(await readFeed()).toEqual([before]);

    stage.clock.jump(SECOND_MS);
    const fresh = await postAlert(stage);
    await expectSoon(readFeed).toEqual(['New', fresh, 'Earlier', before]);
    expect(await findViolations(page)).toEqual([]);
    // Read meanwhile, and new all the same.
    await expectSoon(() => page.title()).toMatch(/^OI updated /);
    expect(await readFeed()).toEqual(['New', fresh, 'Earlier', before]);
    await alertsButton(page).click();
    await alertsButton(page).click();
    await page.locator('article.alert').first().waitFor();
    expect(await readFeed()).toEqual([fresh, before]);
  });

  it('UI24 opens its symbol, at a range that includes it', async () => {
    const { page } = await openAlerts(stage, { path: '/?range=1h' });
    const id = await postAlert(stage, { timestamp: stage.clock.now() - 3 * 3_600 * SECOND_MS });
    await page.locator(`[data-alert="${id}"]`).getByRole('button').click();
    await page.locator('section.drawer').waitFor();
    await expectSoon(() => Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      s: 'SUIUSDT',
      range: '6h',
      alert: id,
    });
    await page.locator('.drawer-alerts .is-highlighted').waitFor();
  });

  it.each(['/', '/s/SUIUSDT'])(
    'UI48 leaves the chart the range of the viewer, and shows a longer one for an older alert: %s',
    async (path) => {
      const timestamp = stage.clock.now() - 3 * 3_600 * SECOND_MS;
      const older = await postAlert(stage, { ...DUMP, timestamp });
      const newer = await postAlert(stage);
      const { page, traffic } = await stage.visit({ path: `${path}?range=1h` });
      await untilState(page, 'live');
      await expectSoon(() => traffic.requests.join()).toMatch(/open-interest-alerts\S+ 200/);
      for (const [key, alert, range] of [
        ['j', newer, '1h'],
        ['j', older, '6h'],
        ['k', newer, '1h'],
        ['j', older, '6h'],
        ['[', null, '1h'],
        ['j', newer, '1h'],
        // What the viewer chooses meanwhile is the viewer's own from then on.
        ['4', newer, '7d'],
        ['j', older, '7d'],
      ] as const) {
        await page.keyboard.press(key);
        await expectSoon(() => {
          const { searchParams } = new URL(page.url());
          return [searchParams.get('alert'), searchParams.get('range')];
        }).toEqual([alert, range]);
      }
      await page.getByRole('button', { name: '7d', exact: true, pressed: true }).waitFor();
    },
  );

  it('UI39 opens by J and K, with list, details and alerts side by side, at a width that is saved', async () => {
    const { page } = await openAlerts(stage);
    const older = await postAlert(stage, { ...DUMP, timestamp: stage.clock.now() - 60 * SECOND_MS });
    const newer = await postAlert(stage);
    await expectSoon(() => readAlerts(page)).toEqual([newer, older]);
    const opened = () => new URL(page.url()).searchParams.get('alert');
    for (const [key, id] of [
      ['j', newer],
      ['j', older],
      ['j', older],
      ['k', newer],
    ] as const) {
      await page.keyboard.press(key);
      await expectSoon(opened).toBe(id);
      await page.locator(`[data-alert="${id}"][aria-current="true"]`).waitFor();
    }
    expect(await page.title()).toMatch(/SUIUSDT · OI updated .+ ago · VolSpike Open Interest$/);

    const edgesOf = async (selector: string) => {
      const box = (await page.locator(selector).boundingBox())!;
      return [box.x, box.x + box.width] as const;
    };
    const expectSideBySide = async (): Promise<number> => {
      const [[, table], drawer, [rail]] = [
        await edgesOf('#table'),
        await edgesOf('.drawer'),
        await edgesOf('.rail'),
      ];
      expect(table).toBeLessThanOrEqual(drawer[0]);
      expect(drawer[1]).toBeLessThanOrEqual(rail);
      return drawer[1] - drawer[0];
    };
    const usual = await expectSideBySide();
    const edge = page.getByRole('separator', { name: 'Width of the details' });
    const { x, y } = (await edge.boundingBox())!;
    await page.mouse.move(x + 6, y + 200);
    await page.mouse.down();
    await page.mouse.move(x + 66, y + 200, { steps: 3 });
    await page.mouse.up();
    expect(await expectSideBySide()).toBe(usual - 60);
    await edge.press('ArrowLeft');
    const kept = await expectSideBySide();
    expect(kept).toBe(usual - 40);
    await page.reload();
    await page.locator('.drawer').waitFor();
    expect(await expectSideBySide()).toBe(kept);
  });

  it('UI25 sent during a disconnection is listed after the reconnect, unread, announced in text and without a sound', async () => {
    const line = cuttableLine();
    const { page } = await openAlerts(stage, {
      allow: [/ERR_FAILED|WebSocket/],
      prepare: async (it) => {
        await line.attach(it);
        await watchSenses(it, { settings: { sound: { on: true, volume: 40, up: true, down: true } } });
      },
    });
    await alertsButton(page).click();
    await postAlert(stage, { symbol: 'AIAUSDT', timestamp: stage.clock.now() - 60 * SECOND_MS });
    await waitFor('the first', async () => (await alertsButton(page).innerText()).includes('1'));
    const { tones: before } = await readSenses(page);
    expect(before).toHaveLength(2);

    await line.cut();
    await untilState(page, 'reconnecting');
    const missed = [
      await postAlert(stage),
      await postAlert(stage, DUMP),
      await postAlert(stage, { symbol: 'AIAUSDT' }),
    ];
    line.mend();
    await page.getByRole('button', { name: 'Retry now' }).click();
    await untilState(page, 'live');
    await expectSoon(() => alertsButton(page).innerText()).toContain('4');
    expect(await page.locator('p[aria-live="polite"]').innerText()).toBe('3 alerts while you were away');
    await alertsButton(page).click();
    expect(await readAlerts(page)).toEqual(expect.arrayContaining([missed[0], missed[1]]));
    expect((await readSenses(page)).tones).toEqual(before);
  });
});
