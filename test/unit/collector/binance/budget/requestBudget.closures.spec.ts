import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBanState } from '../../../../../src/collector/binance/budget/banState.ts';
import type {
  AnswerHead,
  BudgetRequest,
  RequestBudget,
} from '../../../../../src/collector/binance/budget/requestBudget.ts';
import { weightLimits } from '../../../../../src/collector/binance/budget/weightLimits.ts';
import { ExchangeError } from '../../../../../src/collector/binance/exchangeError.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../../src/kit/clock.ts';
import { createFakeClock, type FakeClock } from '../../../../support/fakeClock.ts';
import { silentLogger } from '../../../../support/silentLogger.ts';
import { createTempDir } from '../../../../support/tempDir.ts';
import { aBudget, createExchangeModel, noBanState, pass } from './exchangeModel.ts';
import { withEach } from '../../../../support/withOpened.ts';

const limits = weightLimits({ budget: 2_000 });
/** Of the class that is not paced, so that a test need not move time. */
const ONE = { pool: 'weight', weight: 1, priority: 'reserved' } as const;
const ignore = () => undefined;

const dir = withEach(createTempDir, 'remove');

function keptIn(file: string, clock: FakeClock) {
  return createBanState({ file: path.join(dir.path, file), clock, logger: silentLogger });
}

function head(status: number, given: Partial<AnswerHead> = {}): { head: AnswerHead } {
  return { head: { status, usedWeight: 1, exchangeTime: null, retryAfterMs: null, ...given } };
}

/** Sends a request that must be refused, and answers the refusal's contents, relative to now. */
async function refusalOf(budget: RequestBudget, clock: FakeClock, request: BudgetRequest = ONE) {
  const error: unknown = await budget.run(request, async () => head(200)).catch((thrown: unknown) => thrown);
  if (!(error instanceof ExchangeError)) throw new Error('was not refused', { cause: error });
  return { kind: error.kind, inMs: error.until === null ? null : error.until - clock.now() };
}

describe('request budget after a refusal', () => {
  it('Q2 sends nothing before the time of a 429 or 418, over restarts too', async () => {
    const event = fc.record({
      waitMs: fc.integer({ min: 100, max: 30_000 }),
      what: fc.oneof(
        fc.record({ banMs: fc.integer({ min: 1_000, max: 90_000 }) }),
        fc.constant('restart' as const),
        fc.constant('overuse' as const),
      ),
    });
    let banned = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 3, maxLength: 10 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (events, latencyMs) => {
          const clock = createFakeClock();
          const exchange = createExchangeModel({ clock });
          const file = `${clock.now()}-${Math.random()}`;
          let budget = aBudget(clock, limits, keptIn(file, clock));
          let closedUntil = -Infinity;
          let early = 0;

          const ask = () => {
            clock.after(50, ask);
            const asked = budget;
            const send = () => {
              if (clock.now() < closedUntil) early += 1;
              return exchange.send('we', 1, { thereMs: latencyMs / 2, backMs: latencyMs / 2 });
            };
            const hear = ({ head: { retryAfterMs } }: { head: AnswerHead }) => {
              // Answers to requests in flight when the process ended are lost.
              if (asked !== budget || retryAfterMs === null) return;
              closedUntil = Math.max(closedUntil, clock.now() + retryAfterMs);
            };
            asked.run(ONE, send).then(hear, ignore);
          };
          ask();
          for (const { waitMs, what } of events) {
            await pass(clock, waitMs, 50);
            if (what === 'restart') {
              budget.close();
              budget = aBudget(clock, limits, keptIn(file, clock));
            } else if (what === 'overuse') {
              for (let sent = 0; sent < 60; sent += 1)
                void exchange.send('other', 40, { thereMs: 1, backMs: 1 });
            } else {
              exchange.ban(what.banMs);
            }
          }
          await pass(clock, 3 * MINUTE_MS, 50);
          banned += (exchange.statuses.get(418) ?? 0) + (exchange.statuses.get(429) ?? 0);
          expect(early).toBe(0);
        },
      ),
      { numRuns: 20 },
    );
    expect(banned).toBeGreaterThan(50);
  });

  it('Q2 rejects waiting requests as soon as a ban is known, with its end', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    const waiting = Array.from({ length: 300 }, () =>
      budget.run(ONE, async () => {
        await new Promise<void>((resolve) => clock.after(100, resolve));
        return head(418, { retryAfterMs: 2 * MINUTE_MS });
      }),
    );
    const settled = Promise.allSettled(waiting);
    await pass(clock, 150);
    const refused = (await settled).filter((it) => it.status === 'rejected');
    expect(refused.length).toBeGreaterThan(240);
    expect(await refusalOf(budget, clock)).toEqual({ kind: 'banned', inMs: 2 * MINUTE_MS - 50 });
    expect(budget.status()).toMatchObject({ status418: 50, bannedUntil: clock.now() + 2 * MINUTE_MS - 50 });
  });

  it.each([10, -10])(
    'Q2 Q6 reports the end of a ban in system time when the clock was set by %d minutes',
    async (setByMin) => {
      const clock = createFakeClock();
      let setByMs = 0;
      const system = { now: () => clock.now() + setByMs };
      const budget = aBudget(clock, limits, noBanState, system);
      await budget.run(ONE, async () => head(418, { retryAfterMs: 2 * MINUTE_MS }));
      clock.advance(MINUTE_MS);
      setByMs = setByMin * MINUTE_MS;
      const until = system.now() + MINUTE_MS;
      expect(budget.closedUntil('weight')).toBe(until);
      expect(budget.status().bannedUntil).toBe(until);
      const asked = budget.run(ONE, async () => head(200));
      await expect(asked).rejects.toMatchObject({
        until,
        message: expect.stringContaining(new Date(until).toISOString()),
      });
      clock.advance(MINUTE_MS);
      expect(budget.closedUntil('weight')).toBeNull();
    },
  );

  it('Q2 restores a ban after a restart with a second to spare, and after the system clock was set back', async () => {
    const clock = createFakeClock();
    const first = aBudget(clock, limits, keptIn('ban.json', clock));
    await first.run(ONE, async () => head(418, { retryAfterMs: HOUR_MS }));
    clock.advance(20 * MINUTE_MS);
    const second = aBudget(clock, limits, keptIn('ban.json', clock));
    expect(await refusalOf(second, clock)).toEqual({ kind: 'banned', inMs: 40 * MINUTE_MS + SECOND_MS });
    clock.set(clock.now() - 24 * HOUR_MS);
    const third = aBudget(clock, limits, keptIn('ban.json', clock));
    expect(await refusalOf(third, clock)).toEqual({ kind: 'banned', inMs: HOUR_MS + SECOND_MS });
  });

  it.each(['', '{"kind":"ban', '[]', '{"kind":"banned","from":0,"until":"soon"}', 'null', '{"from":1e400}'])(
    'Q2 starts without a ban when the stored one reads %j',
    async (text) => {
      const clock = createFakeClock();
      fs.writeFileSync(path.join(dir.path, 'ban.json'), text);
      const budget = aBudget(clock, limits, keptIn('ban.json', clock));
      await expect(budget.run(ONE, async () => head(200))).resolves.toMatchObject({ head: { status: 200 } });
    },
  );

  it('Q2 assumes 2 minutes for a ban without a length, doubled for each repetition', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    for (const minutes of [2, 4, 8]) {
      await budget.run(ONE, async () => head(418));
      expect(await refusalOf(budget, clock)).toEqual({ kind: 'banned', inMs: minutes * MINUTE_MS });
      clock.advance(minutes * MINUTE_MS);
    }
    await budget.run(ONE, async () => head(200));
    await budget.run(ONE, async () => head(418));
    expect(await refusalOf(budget, clock)).toMatchObject({ inMs: 2 * MINUTE_MS });
  });

  it('Q2 waits for the exchange’s next minute after a 429 without a time', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    const exchangeTime = Date.UTC(2026, 10, 20, 14, 0, 42);
    await budget.run(ONE, async () => head(429, { exchangeTime }));
    expect(await refusalOf(budget, clock)).toEqual({ kind: 'throttled', inMs: 18 * SECOND_MS });
  });

  it.each([403, 451])(
    'Q2 pauses for a minute after a %i, or for as long as its Retry-After',
    async (status) => {
      const clock = createFakeClock();
      const budget = aBudget(clock);
      await budget.run(ONE, async () => head(status));
      expect(await refusalOf(budget, clock)).toMatchObject({ inMs: MINUTE_MS });
      clock.advance(MINUTE_MS);
      await budget.run(ONE, async () => head(status, { retryAfterMs: 5 * MINUTE_MS }));
      expect(await refusalOf(budget, clock)).toMatchObject({ kind: 'throttled', inMs: 5 * MINUTE_MS });
    },
  );

  it('Q2 sends one probe after a ban, and the rest when it succeeds', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    await budget.run(ONE, async () => head(418, { retryAfterMs: 2 * MINUTE_MS }));
    await pass(clock, 2 * MINUTE_MS);
    let [sent, status] = [0, 503];
    const send = async () => {
      sent += 1;
      await new Promise<void>((resolve) => clock.after(1_000, resolve));
      return head(status);
    };
    for (let asked = 0; asked < 20; asked += 1) budget.run(ONE, send).catch(ignore);
    await pass(clock, 900);
    expect(sent).toBe(1);
    await pass(clock, 1_000);
    expect(sent).toBe(2);
    status = 200;
    await pass(clock, 3_000);
    expect(sent).toBeGreaterThan(5);
  });

  it('keeps request weight open when only /futures/data refuses', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    const history = { pool: 'futuresData', weight: 1, priority: 'spare' } as const;
    const refused = budget.run(history, async () => head(429, { retryAfterMs: 5 * MINUTE_MS }));
    await pass(clock, SECOND_MS, SECOND_MS);
    await refused;
    expect(await refusalOf(budget, clock, history)).toEqual({ kind: 'throttled', inMs: 5 * MINUTE_MS });
    await expect(budget.run(ONE, async () => head(200))).resolves.toBeDefined();
  });

  it('sends at most 600 requests to /futures/data in any five minutes, by its own count', async () => {
    const clock = createFakeClock();
    const budget: RequestBudget = aBudget(clock, limits, noBanState);
    const sentAt: number[] = [];
    for (let asked = 0; asked < 1_500; asked += 1) {
      const send = async () => {
        sentAt.push(clock.now());
        return head(200);
      };
      budget.run({ pool: 'futuresData', weight: 1, priority: 'spare' }, send).catch(ignore);
    }
    await pass(clock, 11 * MINUTE_MS, 100);
    expect(sentAt.length).toBeGreaterThan(1_200);
    const inFiveMinutes = sentAt.map(
      (at) => sentAt.filter((it) => it >= at && it < at + 5 * MINUTE_MS).length,
    );
    expect(Math.max(...inFiveMinutes)).toBeLessThanOrEqual(600);
  });

  it('Q2 applies at least the doubling wait to each ban, even if the response names a shorter one', async () => {
    const clock = createFakeClock();
    const budget = aBudget(clock);
    const waits: (number | null)[] = [];
    for (let ban = 0; ban < 3; ban += 1) {
      await budget.run(ONE, async () => head(418, { retryAfterMs: SECOND_MS }));
      const { inMs } = await refusalOf(budget, clock);
      waits.push(inMs);
      await pass(clock, inMs!);
    }
    expect(waits).toEqual([2 * MINUTE_MS, 4 * MINUTE_MS, 8 * MINUTE_MS]);
  });
});
