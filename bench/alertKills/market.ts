import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS, systemClock } from '../../src/kit/clock.ts';
import { symbolNames } from '../../test/support/builders.ts';
import { INGEST_KEY } from '../../test/support/testServer.ts';

const EVERY_MS = 3 * SECOND_MS;
/** What a rule over 5 minutes compares with, before the market starts. */
const PAST_MS = 6 * MINUTE_MS;
const PAST_EVERY_MS = 30 * SECOND_MS;
/** Items of a chunk. */
const AT_ONCE = 400;
const JUMP = 1.1;

/** A market whose symbols stay where they are, until some are made to jump by 10 %. Posts to every node that answers. */
export function createMarket(size: number, urls: readonly string[]) {
  const values = new Map(symbolNames(size).map((symbol) => [symbol, 1_000]));
  let isOver = false;
  let done: Promise<void> = Promise.resolve();

  async function post(ts: number): Promise<void> {
    const data = Array.from(values, ([symbol, openInterest]) => ({
      symbol,
      openInterest,
      markPrice: 10,
      ts,
    }));
    for (let at = 0; at < data.length; at += AT_ONCE) {
      const body = JSON.stringify({ source: 'realtime', data: data.slice(at, at + AT_ONCE) });
      await Promise.all(urls.map((url) => postTo(url, body)));
    }
  }

  return {
    async storePast(): Promise<void> {
      const now = systemClock.now();
      for (let ts = now - PAST_MS; ts < now; ts += PAST_EVERY_MS) await post(ts);
    },
    start(): void {
      done = (async () => {
        for (; !isOver; await delay(EVERY_MS)) await post(systemClock.now());
      })();
    },
    /** Posts the jump of these symbols at once. */
    jump(symbols: readonly string[]): Promise<void> {
      for (const symbol of symbols) values.set(symbol, values.get(symbol)! * JUMP);
      return post(systemClock.now());
    },
    stop(): Promise<void> {
      isOver = true;
      return done;
    },
  };
}

/** A node that is killed has lost the chunk; the next one has the same values. */
async function postTo(url: string, body: string): Promise<void> {
  await fetch(`${url}/api/market/open-interest/ingest`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': INGEST_KEY },
    body,
    signal: AbortSignal.timeout(5 * SECOND_MS),
  }).catch(() => undefined);
}
