import { afterEach, expect } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import type { Tier } from '../../../src/access/access.types.ts';
import { DAY_MS } from '../../../src/kit/clock.ts';
import { SNAPSHOT_EVERY_MS, snapshotMarkBefore } from '../../../src/openInterest/board/snapshotBoards.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createJumpClock, type JumpClock } from '../../support/jumpClock.ts';
import { startTestServer, type TestServer } from '../../support/testServer.ts';
import { withEach, withOpened } from '../../support/withOpened.ts';
import { openChromium } from './chromium.ts';
import { watchTraffic, type Traffic } from './traffic.ts';

export type Visit = {
  page: Page;
  context: BrowserContext;
  traffic: Traffic;
  /** What the page complained of and was not allowed to. */
  faults: string[];
};

export type VisitOptions = {
  /** Who is signed in; `null`: nobody. */
  as?: Tier | 'admin' | null;
  path?: string;
  /** Instead of the server's own: that of a proxy in front of it. */
  origin?: string;
  width?: number;
  height?: number;
  /** Before the page is opened: routes, scripts. */
  prepare?: (page: Page) => Promise<unknown>;
  /** Of an earlier visit: the same person in the same browser. */
  context?: BrowserContext;
  /** The page explains its columns, as it does until the viewer closes that. */
  isFirst?: boolean;
  /** What the console may say: a case that cuts the line cannot keep the browser from telling so. */
  allow?: readonly RegExp[];
};

/** A server with a database of its own and a clock that can be moved, and pages that are opened on it. */
export type Stage = {
  readonly server: TestServer;
  readonly database: TestDatabase;
  readonly clock: JumpClock;
  visit(options?: VisitOptions): Promise<Visit>;
  /** Ends the server and starts another one at the same address. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Closes all pages. None of them may have complained. */
  leave(): Promise<void>;
  close(): Promise<void>;
};

export async function openStage(
  options: { env?: Record<string, string>; startAt?: number } = {},
): Promise<Stage> {
  const database = await createTestDatabase();
  const clock = createJumpClock(options.startAt);
  const start = (port = 0): Promise<TestServer> =>
    startTestServer({
      databaseUrl: database.url,
      clock,
      env: { AUTH_DEMO_LOGIN: 'true', ...options.env, PORT: String(port) },
    });
  let server = await start();
  let visits: Visit[] = [];

  async function openContext({
    as = 'pro',
    width = 1440,
    height = 900,
    isFirst = false,
  }: VisitOptions): Promise<BrowserContext> {
    const browser = await openChromium();
    const context = await browser.newContext({
      viewport: { width, height },
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(30_000);
    if (!isFirst) await context.addInitScript(introduce);
    if (as !== null) await signIn(context, server, as);
    return context;
  }

  async function leave(): Promise<void> {
    const left = visits;
    visits = [];
    for (const context of new Set(left.map((it) => it.context))) await context.close();
    expect(left.flatMap((it) => it.faults)).toEqual([]);
  }

  return {
    database,
    clock,
    get server() {
      return server;
    },
    async visit(given = {}) {
      const context = given.context ?? (await openContext(given));
      const page = await context.newPage();
      const visit: Visit = {
        page,
        context,
        traffic: watchTraffic(page),
        faults: watchFaults(page, given.allow ?? []),
      };
      visits.push(visit);
      await given.prepare?.(page);
      await page.goto((given.origin ?? server.url) + (given.path ?? '/'));
      return visit;
    },
    async restart(meanwhile = async () => undefined) {
      const { port } = server;
      await server.close();
      await meanwhile();
      server = await start(port);
    },
    leave,
    async close() {
      try {
        await leave();
      } finally {
        await server.close();
        await database.drop();
      }
    },
  };
}

/** One stage for all cases of a file, whose pages are closed after each. */
export function withStage(options?: Parameters<typeof openStage>[0]): Stage {
  const stage = withOpened(() => openStage(options), 'close');
  afterEach(() => stage.leave());
  return stage;
}

/** Another stage for each case. */
export const withEachStage = (): Stage => withEach(openStage, 'close');

/** The second next moment at which boards are frozen: far enough for a stage to start shortly before it. */
export function nextMark(): number {
  return snapshotMarkBefore(Date.now()) + 2 * SNAPSHOT_EVERY_MS;
}

/** The settings of a browser that was here before. */
function introduce(): void {
  if (window.top !== window || localStorage.getItem('oi.layout.v1') !== null) return;
  localStorage.setItem('oi.layout.v1', '{"introduced":true}');
}

/** As the sign-in page does it: the token goes in, the cookie stays. */
async function signIn(context: BrowserContext, server: TestServer, as: Tier | 'admin'): Promise<void> {
  const token = await server.token(as === 'admin' ? 'elite' : as, {
    sub: `browser-${as}`,
    role: as === 'admin' ? 'admin' : 'user',
    expiresInMs: DAY_MS,
  });
  const response = await context.request.post(`${server.url}/api/session`, {
    data: { token },
    headers: { Origin: server.url },
  });
  expect(response.status()).toBe(200);
}

/** Errors, warnings and refusals of the content security policy, which the browser writes to the console, too. */
function watchFaults(page: Page, allowed: readonly RegExp[]): string[] {
  const faults: string[] = [];
  const keep = (text: string): void => {
    if (!allowed.some((it) => it.test(text))) faults.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) keep(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => keep(String(error)));
  return faults;
}
