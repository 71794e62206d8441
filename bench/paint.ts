import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../src/kit/clock.ts';
import { startEmbeddedPostgres } from '../src/platform/embedded/embeddedPostgres.ts';
import { CHROMIUM_PATH } from '../test/browser/support/chromiumPath.ts';
import { symbolNames } from '../test/support/builders.ts';
import { startChild, type Child } from './children.ts';
import { formatMs, median } from './figures.ts';

/**
 * How long from the server's emit of a window until Chromium has painted a cell of it. All symbols change in each tick. A full
 * CPU and one throttled to a quarter take turns, ten ticks each.
 */
const CPUS = [1, 4] as const;
const TURNS = 4;
const TICKS_A_TURN = 10;
const TICK_MS = SECOND_MS;
/** The table marks what changed for 2 s; then it is as busy as it stays. */
const WARM_UP_TICKS = 5;
const CHUNK = 300;
/** So that the chunks of a tick are one window, also on a busy machine. */
const OI_BROADCAST_DEBOUNCE_MS = '250';
const WITNESS = 'PAINTUSDT';

type Paints = { ticks: number; medianMs: number; p95Ms: number; longestMs: number };
export type PaintFigures = { symbols: number; loadAverage: number; normal: Paints; throttled: Paints };
type Watched = typeof globalThis & { paints: number[] };

export async function measurePaint({ symbols }: { symbols: number }): Promise<PaintFigures> {
  execFileSync(process.execPath, ['.ci/build.mjs', '--start'], { stdio: 'inherit' });
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-paint-'));
  const postgres = await startEmbeddedPostgres({ dir, database: 'paint' });
  let server: Child | null = null;
  let browser: Browser | null = null;
  try {
    const env = { DATABASE_URL: postgres.urlFor('paint'), OI_BROADCAST_DEBOUNCE_MS };
    server = await startChild('ownServer.ts', { env });
    browser = await chromium.launch({
      executablePath: CHROMIUM_PATH,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const names = [WITNESS, ...symbolNames(symbols - 1)];
    await fillHistory(server, names);
    const page = await openBoard(browser, server, symbols);
    const devtools = await page.context().newCDPSession(page);
    const [loadAverage] = os.loadavg();
    const paints: Record<(typeof CPUS)[number], number[]> = { 1: [], 4: [] };
    let tick = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const rate of CPUS) {
        await devtools.send('Emulation.setCPUThrottlingRate', { rate });
        for (let i = 0; i < WARM_UP_TICKS + TICKS_A_TURN; i += 1) {
          if (i === WARM_UP_TICKS) await page.evaluate(() => (window as unknown as Watched).paints.splice(0));
          await runTick(server, names, (tick += 1));
        }
        paints[rate].push(...(await page.evaluate(() => (window as unknown as Watched).paints)));
      }
    }
    const [normal, throttled] = CPUS.map((rate) => summarise(paints[rate])) as [Paints, Paints];
    return { symbols, loadAverage: loadAverage!, normal, throttled };
  } finally {
    await browser?.close();
    server?.stop();
    await sleep(200);
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

export function describePaint(figures: PaintFigures): string[] {
  const line = (what: string, it: Paints) =>
    `  ${what.padEnd(28)} median ${formatMs(it.medianMs).padStart(9)}   p95 ${formatMs(it.p95Ms).padStart(9)}   longest ${formatMs(it.longestMs).padStart(9)}   of ${it.ticks} ticks`;
  return [
    `From the emit of a window of ${figures.symbols} symbols to the painted cell, load average ${figures.loadAverage.toFixed(1)} before`,
    line('full CPU', figures.normal),
    line('CPU throttled to a quarter', figures.throttled),
  ];
}

/** As many symbols, with a sample for each window of changes. */
async function fillHistory(server: Child, names: readonly string[]): Promise<void> {
  await post(server, 'liquid-universe/update', {
    symbols: names.map((symbol) => ({ symbol, quoteVolume24h: 5_000_000 })),
    force: true,
  });
  const now = Date.now();
  for (const ageMs of [24 * HOUR_MS, 4 * HOUR_MS, HOUR_MS, 30 * MINUTE_MS, 15 * MINUTE_MS, 5 * MINUTE_MS]) {
    await postSamples(server, names, { ts: now - ageMs, tick: -ageMs / MINUTE_MS });
  }
}

async function openBoard(browser: Browser, server: Child, symbols: number): Promise<Page> {
  const url = `http://localhost:${server.port}`;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const signedIn = await context.request.post(`${url}/api/session`, {
    data: { token: server.token },
    headers: { Origin: url },
  });
  if (!signedIn.ok()) throw new Error(`sign-in was answered ${signedIn.status()}`);
  const page = await context.newPage();
  // Of tsx, which wraps named functions in it.
  await page.addInitScript('globalThis.__name = (it) => it');
  await page.addInitScript(watchCell, { symbols, witness: WITNESS });
  await page.goto(url);
  await page.locator(`tr[data-symbol="${WITNESS}"]`).waitFor();
  await page.locator('html[data-state="live"]').waitFor();
  return page;
}

/** In the page: notes the time from the emit of each window of all symbols until the witness has been painted with it. */
function watchCell({ symbols, witness }: { symbols: number; witness: string }): void {
  const paints: number[] = [];
  Object.assign(window, { paints });
  const Original = window.WebSocket;
  window.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // Before the client of the page sees the message.
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (typeof data !== 'string' || !data.startsWith('42["open-interest-frame"')) return;
        const [, frame] = JSON.parse(data.slice(2)) as [string, { serverTime: number; ids: unknown[] }];
        if (frame.ids.length < symbols) return;
        const read = () =>
          document.querySelector(`tr[data-symbol="${witness}"] [data-column="usd"]`)?.textContent;
        const before = read();
        const look = (): void => {
          if (read() === before) return void requestAnimationFrame(look);
          // A task that is queued in a frame runs after that frame was painted.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => paints.push(Date.now() - frame.serverTime);
          port2.postMessage(null);
        };
        requestAnimationFrame(look);
      });
    }
  };
}

async function runTick(server: Child, names: readonly string[], tick: number): Promise<void> {
  const until = performance.now() + TICK_MS;
  await postSamples(server, names, { ts: Date.now(), tick });
  await sleep(until - performance.now());
}

async function postSamples(
  server: Child,
  names: readonly string[],
  { ts, tick }: { ts: number; tick: number },
): Promise<void> {
  const data = names.map((symbol, i) => ({
    symbol,
    ts,
    // The witness stays the first row and shows another value in each tick; the others change places.
    openInterest: symbol === WITNESS ? 1e11 + tick * 1e8 : 1e9 + ((i * 7_919 * (tick + 1_440)) % 1_000) * 1e6,
    markPrice: 1 + (tick % 7) / 1_000,
    fundingRate: 0.0001,
  }));
  const chunks = Array.from({ length: Math.ceil(data.length / CHUNK) }, (_, i) =>
    data.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  await Promise.all(chunks.map((chunk) => post(server, 'ingest', { data: chunk, source: 'realtime' })));
}

async function post(server: Child, route: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/market/open-interest/${route}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': server.key! },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${route} was answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

function summarise(paints: readonly number[]): Paints {
  if (paints.length < TURNS * TICKS_A_TURN * 0.5) {
    throw new Error(`only ${paints.length} ticks were one window; the machine is too busy to measure`);
  }
  const sorted = paints.toSorted((a, b) => a - b);
  return {
    ticks: sorted.length,
    medianMs: median(sorted),
    p95Ms: sorted[Math.floor(sorted.length * 0.95)]!,
    longestMs: sorted.at(-1)!,
  };
}
