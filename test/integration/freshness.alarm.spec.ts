import { describe, expect, it } from '@jest/globals';
import { createJumpClock } from '../support/jumpClock.ts';
import { postSweep } from '../support/liveBoard.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { withServer } from '../support/withServer.ts';
import { readMetric } from '../support/openInterestCalls.ts';

/** The alarm threshold of the operations guide. */
const ALARM_SEC = 90;

const clock = createJumpClock();
const { server } = withServer({ clock });
const operator = { 'X-API-Key': OPERATOR_KEY };

const oldestAgeSec = (): Promise<number> => readMetric(server, 'oi_oldest_age_seconds');

async function doctorsBoard(): Promise<string> {
  const text = await (await server.get('/debug/doctor', operator)).text();
  return text.split('\n').find((line) => line.startsWith('board ')) ?? '';
}

describe('a universe without new samples', () => {
  it('O1 L3 raises the alarm when its oldest sample is 90 s old, though others are fresh, and ends it with the next', async () => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
    const update = await server.post(
      '/api/market/open-interest/liquid-universe/update',
      { symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: 5_000_000 })) },
      { 'X-API-Key': INGEST_KEY },
    );
    expect(update.status).toBe(200);
    await postSweep(server, symbols, clock.now(), 1);
    clock.jump(5_000);
    expect(await oldestAgeSec()).toBeLessThan(ALARM_SEC);

    clock.jump(ALARM_SEC * 1_000);
    await postSweep(server, symbols.slice(1), clock.now(), 2);
    clock.jump(5_000);
    expect(await oldestAgeSec()).toBeGreaterThan(ALARM_SEC);
    expect(await doctorsBoard()).toMatch(/2 of 3 symbols live.* (LATE|DEGRADED|BROKEN)/);

    await postSweep(server, symbols, clock.now(), 3);
    clock.jump(5_000);
    expect(await oldestAgeSec()).toBeLessThan(ALARM_SEC);
    expect(await doctorsBoard()).toMatch(/3 of 3 symbols live +ok/);
  });
});
