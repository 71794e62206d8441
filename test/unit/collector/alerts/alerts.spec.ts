import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { parseCooldownFile, type Cooldown } from '../../../../src/collector/alerts/cooldownFile.ts';
import { createAlertStore } from '../../../../src/collector/alerts/alerts.repository.ts';
import { createAlerts, type Alerts } from '../../../../src/collector/alerts/alerts.ts';
import { parseCollectorConfig } from '../../../../src/collector/config.ts';
import type { Outbox } from '../../../../src/collector/spool/outbox.ts';
import { createSpool, type Spool } from '../../../../src/collector/spool/spool.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { OpenInterestAlertInput } from '../../../../src/openInterest/openInterest.types.ts';
import { loadSymbolFacts } from '../../../../src/simulator/facts/facts.ts';
import { createMarket } from '../../../../src/simulator/market/market.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

const SETTINGS = parseCollectorConfig({}, { posts: false }).alerts;

const dir = withEach(createTempDir, 'remove');

describe('alerts of the collector', () => {
  let clock: FakeClock;
  let store: Store;
  let spool: Spool;
  let alerts: Alerts;

  beforeEach(async () => {
    clock = createFakeClock();
    await start();
  });
  afterEach(() => store.close());

  async function start(cooldowns: Cooldown[] = []): Promise<void> {
    store = await openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    spool = createSpool({ store, clock, logger: silentLogger });
    const outbox: Pick<Outbox, 'put' | 'holdsUnspooledAlerts'> = {
      put: (lane, items, alongside) =>
        spool.append(
          lane,
          items.map((it) => JSON.stringify(it)),
          alongside,
        ),
      holdsUnspooledAlerts: () => spool.isInMemory('alert'),
    };
    const { rules, ...floor } = SETTINGS;
    alerts = createAlerts({
      rules,
      floor,
      outbox,
      store: createAlertStore(store),
      clock,
      logger: silentLogger,
      cooldowns,
    });
  }

  /** A kill leaves the file as it is: nothing is written at the end. */
  async function restart(cooldowns?: Cooldown[]): Promise<void> {
    store.close();
    await start(cooldowns);
  }

  /** From now on the disk refuses writes, or accepts them again. */
  function fillDisk(isFull: boolean): void {
    store.exec(`pragma query_only = ${isFull ? 1 : 0}`);
  }

  function sendAlerts(): number {
    let sent = 0;
    for (let chunk = spool.claimForDashboards(); chunk; chunk = spool.claimForDashboards()) {
      spool.delivered(chunk, 0);
      sent += chunk.items;
    }
    return sent;
  }

  function spooled(): OpenInterestAlertInput[] {
    const rows = store
      .prepare<[], { body: string }>("select body from item where lane = 'alert' order by id")
      .all();
    return rows.map((row) => OpenInterestAlertInput.parse(JSON.parse(row.body)));
  }

  /** Readings every 10 s until `untilMs` of the fake clock's day; each is kept as the poller keeps it. */
  function read(symbol: string, openInterest: number, forMs: number, markPrice: number | null = 100): void {
    const keep = createAlertStore(store);
    for (let passed = 0; passed < forMs; passed += 10 * SECOND_MS) {
      clock.advance(10 * SECOND_MS);
      const point = { ts: clock.now(), openInterest, markPrice };
      if (store.pragma('query_only') === 0) keep.insertReading(symbol, point);
      alerts.observe(symbol, point, 0.0001);
    }
  }

  it('spools an alert in the format of the server', () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS, 100);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS, 102);
    expect(spooled()).toEqual([
      {
        symbol: 'SUIUSDT',
        direction: 'UP',
        baseline: 1e6,
        current: 1.04e6,
        pctChange: expect.closeTo(0.04, 9),
        absChange: 40_000,
        priceChange: expect.closeTo(0.02, 9),
        fundingRate: 0.0001,
        timeframe: '5 min',
        timestamp: new Date(clock.now()).toISOString(),
        source: 'oi_realtime_poller',
      },
    ]);
  });

  it('reports the price change as unknown when one of the prices is unknown', () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS, null);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS, 102);
    expect(spooled()).toMatchObject([{ priceChange: null }]);
  });

  it('resumes after a kill without a repeated alert, a lost alert or an hour without a base', async () => {
    read('SUIUSDT', 1e6, 61 * MINUTE_MS);
    await restart();
    read('SUIUSDT', 1.13e6, 10 * SECOND_MS);
    expect(spooled().map((it) => it.timeframe)).toEqual(['5 min', '15 min', '1 hour']);
    await restart();
    read('SUIUSDT', 1.14e6, 4 * MINUTE_MS);
    expect(spooled()).toHaveLength(3);
    await restart();
    read('SUIUSDT', 0.9e6, 10 * SECOND_MS);
    expect(spooled().slice(3)).toMatchObject([
      { direction: 'DOWN', timeframe: '5 min' },
      { direction: 'DOWN', timeframe: '15 min' },
    ]);
  });

  it('does not repeat an alert that was sent while the disk was full once the disk accepts writes again', async () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    fillDisk(true);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    expect(sendAlerts()).toBe(1);
    alerts.prune();
    fillDisk(false);
    alerts.prune();
    await restart();
    read('SUIUSDT', 1.04e6, 4 * MINUTE_MS);
    expect(spooled()).toEqual([]);
  });

  it('Q1 loses no alert to a kill between the disk accepting writes again and the alert being stored', async () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    fillDisk(true);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    fillDisk(false);
    // The state must not be on disk before the alert is, even when it has changed since.
    alerts.prune();
    read('SUIUSDT', 1.01e6, 10 * SECOND_MS);
    await restart();
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    expect(spooled()).toHaveLength(1);
  });

  it('Q1 raises an alert once more after a crash that lost it before the disk accepted it', async () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    fillDisk(true);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    expect(spooled()).toEqual([]);
    fillDisk(false);
    await restart();
    read('SUIUSDT', 1.04e6, 4 * MINUTE_MS);
    expect(spooled()).toHaveLength(1);
  });

  it('raises the next alert although the end of the last one was stored late', async () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    fillDisk(true);
    read('SUIUSDT', 1e6, 4 * MINUTE_MS);
    fillDisk(false);
    alerts.prune();
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    await restart();
    read('SUIUSDT', 1.04e6, 10 * SECOND_MS);
    expect(spooled().filter((it) => it.direction === 'UP')).toHaveLength(2);
  });

  it('ignores the exchange’s stablecoin pair', () => {
    read('USDCUSDT', 1e8, 6 * MINUTE_MS, 1);
    read('USDCUSDT', 2e8, MINUTE_MS, 1);
    expect(spooled()).toEqual([]);
  });

  it('imports the cooldowns of the original poller', async () => {
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    const file = {
      'SUIUSDT|UP|5 min': clock.now() / 1_000 - 300.5,
      'SUIUSDT|SIDEWAYS|5 min': 1,
      'BTCUSDT|UP|5 min': clock.now() / 1_000 + 60,
      nonsense: 5,
    };
    const cooldowns = parseCooldownFile(file, clock.now());
    expect(cooldowns).toHaveLength(1);
    await restart(cooldowns!);
    read('SUIUSDT', 1.04e6, 4 * MINUTE_MS);
    expect(spooled()).toEqual([]);
    read('SUIUSDT', 1.04e6, MINUTE_MS);
    expect(spooled()).toHaveLength(1);
    expect(parseCooldownFile([1], 0)).toBeNull();
  });

  it('reports how near a symbol is to an alert', () => {
    expect(alerts.proximityOf('SUIUSDT')).toBeNull();
    read('SUIUSDT', 1e6, 6 * MINUTE_MS);
    expect(alerts.proximityOf('SUIUSDT')).toBe(0);
    read('SUIUSDT', 0.985e6, 10 * SECOND_MS);
    expect(alerts.proximityOf('SUIUSDT')).toBeCloseTo(0.5, 9);
  });

  it('keeps readings for the longest window and no longer', () => {
    const count = () => store.prepare<[], { n: number }>('select count(*) as n from reading').get()!.n;
    read('SUIUSDT', 1e6, 3 * HOUR_MS);
    alerts.prune();
    expect(count()).toBeGreaterThanOrEqual(62 * 6);
    expect(count()).toBeLessThanOrEqual(64 * 6);
  });

  it('finds every spike and dump of a market with known events, and no others', () => {
    const from = Date.UTC(2026, 10, 20, 14, 0, 0);
    const facts = loadSymbolFacts(from);
    const market = createMarket({ facts, seed: 7 });
    const symbols = facts
      .filter((it) => it.contractType === 'PERPETUAL' && it.quoteAsset === 'USDT' && it.status === 'TRADING')
      .toSorted((a, b) => b.quoteVolume24h - a.quoteVolume24h)
      .slice(0, 200)
      .map((it) => it.symbol);
    const everyMs = 10_300;
    const end = from + 2 * HOUR_MS;
    clock.set(from);
    for (let sweep = from; sweep < end; sweep += everyMs) {
      for (const [i, symbol] of symbols.entries()) {
        const ts = Math.round(sweep + (i * everyMs) / symbols.length);
        const point = {
          ts,
          openInterest: market.openInterestAt(symbol, ts),
          markPrice: market.markPriceAt(symbol, ts),
        };
        alerts.observe(symbol, point, null);
      }
    }
    const events = market.eventsBetween(from - 2 * HOUR_MS, end).filter((it) => symbols.includes(it.symbol));
    const crossings = events.flatMap((event) => event.crossings.map((crossing) => ({ event, ...crossing })));
    const isFrom = (alert: OpenInterestAlertInput, { event, timeframe, at }: (typeof crossings)[number]) =>
      alert.symbol === event.symbol &&
      alert.direction === event.direction &&
      alert.timeframe === timeframe &&
      // A base may be one reading older than the window, and so show a crossing one reading early.
      Date.parse(String(alert.timestamp)) >= at - everyMs &&
      Date.parse(String(alert.timestamp)) <= event.holdUntil + 5 * MINUTE_MS;
    const lateMs = (alert: OpenInterestAlertInput, at: number) => Date.parse(String(alert.timestamp)) - at;
    /** Some contracts are so small that 3 % of them are below the floor. */
    const isWorthTelling = ({ event: { symbol }, timeframe, at }: (typeof crossings)[number]) => {
      const { lookbackMs } = SETTINGS.rules.find((rule) => rule.timeframe === timeframe)!;
      const change = market.openInterestAt(symbol, at) - market.openInterestAt(symbol, at - lookbackMs);
      return Math.abs(change) * market.markPriceAt(symbol, at) >= SETTINGS.minDeltaUsd;
    };
    const sighted = from + HOUR_MS + 5 * MINUTE_MS;
    const found = spooled().filter((it) => Date.parse(String(it.timestamp)) >= sighted);
    const due = crossings.filter((it) => it.at >= sighted && it.at < end - everyMs && isWorthTelling(it));
    const missed = due.filter(
      (it) => !found.some((alert) => isFrom(alert, it) && lateMs(alert, it.at) <= everyMs + 1),
    );
    const invented = found.filter((alert) => !crossings.some((it) => isFrom(alert, it)));
    expect(due.length).toBeGreaterThan(10);
    expect(missed).toEqual([]);
    expect(invented).toEqual([]);
  });

  it('restarts although an earlier build stored readings from the future', async () => {
    const now = clock.now();
    const kept = createAlertStore(store);
    kept.insertReading('AAAUSDT', { ts: now - MINUTE_MS, openInterest: 5, markPrice: null });
    kept.insertReading('AAAUSDT', { ts: now * 1_000, openInterest: 6, markPrice: null });
    kept.insertReading('BBBUSDT', { ts: now + HOUR_MS, openInterest: 7, markPrice: null });
    await restart();
    expect(createAlertStore(store).selectLastTs(now + MINUTE_MS)).toEqual(
      new Map([['AAAUSDT', now - MINUTE_MS]]),
    );
    expect([alerts.oldestOf('AAAUSDT')?.ts, alerts.oldestOf('BBBUSDT')]).toEqual([now - MINUTE_MS, null]);
    for (let minute = 0; minute <= 5; minute += 1) {
      alerts.observe(
        'BBBUSDT',
        { ts: now + minute * MINUTE_MS, openInterest: 1e9 * (1 + minute), markPrice: 1 },
        null,
      );
    }
    expect(sendAlerts()).toBeGreaterThan(0);
    alerts.prune();
    expect(createAlertStore(store).selectLastTs(Infinity).get('AAAUSDT')).toBe(now - MINUTE_MS);
  });
});
