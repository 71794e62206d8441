import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { mountPages } from '../../src/server/pages.ts';
import { startHttp } from '../support/startHttp.ts';

/** What a page loads before it shows data: kB of 1,000 bytes, as browsers count them. */
const SHELL_BUDGET_KB = 140;

let folder: string;
let server: Awaited<ReturnType<typeof startHttp>>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dashboard-build-'));
  const vite = path.resolve('node_modules/vite/bin/vite.js');
  const built = spawnSync(
    process.execPath,
    [vite, 'build', '--config', 'vite.config.ts', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'],
    { encoding: 'utf8' },
  );
  if (built.status !== 0) throw new Error(`the dashboard does not build: ${built.stderr}`);
  const app = express();
  mountPages(app, folder);
  server = await startHttp((request, response) => void app(request, response));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function read(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

/** The scripts of `/`: the entry, the page of the board, and what both import, not what is loaded on demand. */
function boardScripts(): string[] {
  const entry = [...read('index.html').matchAll(/src="\/assets\/([^"]+\.js)"/g)].map((it) => it[1]!);
  const page = readdirSync(path.join(folder, 'assets')).filter((it) => /^DashboardPage-.+\.js$/.test(it));
  const found = new Set([...entry, ...page]);
  for (const file of found) {
    const imports = read(`assets/${file}`).matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g);
    for (const [, name] of imports) found.add(name!);
  }
  return Array.from(found, (it) => `assets/${it}`);
}

describe('built dashboard', () => {
  it(`loads at most ${SHELL_BUDGET_KB} kB of script before it shows data, and charts only on demand`, () => {
    const files = boardScripts();
    const bytes = files.reduce((sum, file) => sum + gzipSync(read(file)).length, 0);
    expect(files.length).toBeGreaterThan(2);
    expect(bytes / 1_000).toBeLessThan(SHELL_BUDGET_KB);
    const charts = readdirSync(path.join(folder, 'assets')).filter((it) => it.startsWith('HistoryChart-'));
    expect(charts.length).toBeGreaterThan(0);
    expect(files.join()).not.toContain('HistoryChart');
  });

  it('complies with a policy without inline scripts, inline styles and eval', () => {
    const page = read('index.html');
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
    for (const file of boardScripts()) {
      // Zod tests with this whether it may compile; unless disabled, the policy reports a violation.
      if (read(file).includes('new Function') || /=Function;/.test(read(file))) {
        expect(read(file)).toMatch(/jitless=!0/);
      }
    }
  });

  it('is one page under each of its addresses, revalidated each time', async () => {
    for (const address of ['/', '/sign-in', '/alerts', '/market', '/s/BTCUSDT', '/debug/open-interest']) {
      const response = await fetch(server.url + address);
      expect([address, response.status]).toEqual([address, 200]);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await response.text()).toBe(read('index.html'));
    }
    expect((await fetch(`${server.url}/debug`)).status).toBe(404);
  });

  it('names its files by their content, cached for good', async () => {
    const [file] = boardScripts();
    const response = await fetch(`${server.url}/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(`${server.url}/assets/none-00000000.js`)).status).toBe(404);
  });

  it('has its service worker at the root, so that it controls every page, revalidated each time', async () => {
    const response = await fetch(`${server.url}/push.js`);
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(response.headers.get('cache-control')).toBe('public, max-age=0');
    expect(await response.text()).toContain('notificationclick');
  });

  it('contains the notice that its chart library requires', async () => {
    const response = await fetch(`${server.url}/licences.txt`);
    expect(await response.text()).toContain('TradingView');
  });
});
