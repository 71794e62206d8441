import { describe, expect, it } from '@jest/globals';
import { createHttpApp } from '../../src/platform/http/createHttpApp.ts';
import { mountPages } from '../../src/server/pages.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { startHttp } from '../support/startHttp.ts';
import { withOpened } from '../support/withOpened.ts';

/** The headers of Chromium for an address typed by the user. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

const app = createHttpApp({
  logger: silentLogger,
  observers: [],
  trustProxyHops: 0,
  allowedOrigins: [],
  mount: (it) => mountPages(it),
});
const server = withOpened(() => startHttp((request, response) => void app(request, response)), 'close');

function ask(path: string, accept: string, method = 'GET'): Promise<Response> {
  return fetch(server.url + path, { method, headers: { Accept: accept } });
}

describe('an unknown address', () => {
  it.each(['/nosuch', '/debug', '/%zz', '/api/nosuch'])(
    '%s is a page with a link home for a browser',
    async (path) => {
      const response = await ask(path, BROWSER);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const page = await response.text();
      expect(page).toContain('<a href="/">');
      expect(page).not.toMatch(/<style|style=|<script|nosuch|%zz/);
    },
  );

  it.each([
    ['anything', '*/*'],
    ['JSON', 'application/json'],
    ['JSON rather than a page', 'application/json, text/html;q=0.9'],
    ['a picture', 'image/avif,image/*,*/*;q=0.8'],
  ])('is answered in JSON to a client that accepts %s', async (_, accept) => {
    const response = await ask('/nosuch', accept);
    expect(response.status).toBe(404);
    expect(response.headers.get('vary')).toContain('Accept');
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('is answered in JSON to a POST, even from a page', async () => {
    const response = await ask('/nosuch', BROWSER, 'POST');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});
