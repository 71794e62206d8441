import { beforeEach, describe, expect, it } from '@jest/globals';
import { DUMP, openAlerts, postAlert, resetAlerts } from './support/alertCalls.ts';
import { readAlerts } from './support/pageProbe.ts';
import { readSenses, readSoundTimes, setHidden, watchSenses } from './support/senses.ts';
import { expectSoon, soon } from './support/soon.ts';
import { withStage } from './support/stage.ts';

const stage = withStage();

beforeEach(() => resetAlerts(stage));

describe('sound and notification of an alert', () => {
  it('UI26 there is no sound until it is switched on, then different tones for up and down, at most once in three seconds', async () => {
    const { page } = await openAlerts(stage, { prepare: (it) => watchSenses(it) });
    await postAlert(stage);
    await expectSoon(() => readAlerts(page)).toHaveLength(1);
    expect(await readSenses(page)).toEqual({ tones: [], notifications: [], asked: 0 });

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('group', { name: 'Alert sound' }).getByLabel('On').check();
    await soon(
      () => readSenses(page),
      ({ tones }) => expect(tones).toHaveLength(2),
    );
    await page.keyboard.press('Escape');
    await postAlert(stage, DUMP);
    const [low, high] = (
      await soon(
        () => readSenses(page),
        ({ tones }) => expect(tones).toHaveLength(4),
      )
    ).tones;
    expect(low).toBeLessThan(high!);
    expect((await readSenses(page)).tones.slice(2)).toEqual([high, low]);

    // A burst is one sound, however long it takes to arrive.
    const ids = [
      await postAlert(stage, { symbol: 'AIAUSDT' }),
      await postAlert(stage, { ...DUMP, symbol: 'SUIUSDT' }),
    ];
    await expectSoon(() => readAlerts(page)).toEqual(expect.arrayContaining(ids));
    const [, ...ofAlerts] = await readSoundTimes(page);
    const pauses = ofAlerts.slice(1).map((at, i) => at - ofAlerts[i]!);
    expect(pauses.filter((it) => it < 2_900)).toEqual([]);
    expect(await page.locator('.rail-sound').innerText()).toBe('Sound on');
    const { tones } = await readSenses(page);
    const burstAt = await page.evaluate(() => performance.now());
    await page.waitForFunction((from) => performance.now() - from > 3_000, burstAt);
    await postAlert(stage, { timeframe: '1 hour' });
    await soon(
      () => readSenses(page),
      (it) => expect(it.tones).toEqual([...tones, low, high]),
    );
  });

  it('UI26 the page says that the browser blocks the sound, and a click enables it', async () => {
    const { page } = await openAlerts(stage, { prepare: (it) => watchSenses(it, { audio: 'suspended' }) });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('group', { name: 'Alert sound' }).getByLabel('On').check();
    const blocked = page.getByRole('dialog').getByRole('alert');
    await blocked.waitFor();
    expect(await blocked.innerText()).toBe('Sound is blocked by the browser. Click to enable.');
    expect((await readSenses(page)).tones).toEqual([]);
    await page.evaluate(() => (window as unknown as { unblock: () => void }).unblock());
    await blocked.getByRole('button').click();
    await blocked.waitFor({ state: 'detached' });
    await soon(
      () => readSenses(page),
      ({ tones }) => expect(tones).toHaveLength(2),
    );
  });

  it('UI26 a notification appears only if it is switched on and the page is hidden, and the page asks no permission on load', async () => {
    const visit = await openAlerts(stage, { prepare: (it) => watchSenses(it) });
    const { page } = visit;
    await visit.context.grantPermissions(['notifications'], { origin: stage.server.url });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page
      .getByRole('group', { name: 'Notify me when this tab is in the background' })
      .getByLabel('All')
      .check();
    await page.keyboard.press('Escape');
    await postAlert(stage);
    await expectSoon(() => readAlerts(page)).toHaveLength(1);
    expect(await readSenses(page)).toEqual({ tones: [], notifications: [], asked: 0 });

    await setHidden(page, true);
    await postAlert(stage, { ...DUMP, priceChange: null, current: 16_800_000 });
    const { notifications } = await soon(
      () => readSenses(page),
      (it) => expect(it.notifications).toHaveLength(1),
    );
    expect(notifications).toEqual([
      {
        title: 'AIA OI dump −7.90% in 15 min',
        options: { body: '16.80M AIA', tag: 'oi-AIA-DOWN', silent: true },
      },
    ]);
    await setHidden(page, false);
    await page.evaluate(() => {
      const { shown } = window as unknown as { shown: Notification[] };
      shown.at(-1)!.dispatchEvent(new Event('click'));
    });
    await page.getByRole('region', { name: 'Details of AIAUSDT' }).waitFor();
  });
});
