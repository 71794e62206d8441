import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { createHttpApp } from '../../src/platform/http/createHttpApp.ts';
import { mountPages } from '../../src/server/pages.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { startHttp } from '../support/startHttp.ts';

it('a server without built pages says so under each of their addresses, with the remedy', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dashboard-unbuilt-'));
  const app = createHttpApp({
    logger: silentLogger,
    observers: [],
    trustProxyHops: 0,
    allowedOrigins: [],
    mount: (it) => mountPages(it, folder),
  });
  const server = await startHttp((request, response) => void app(request, response));
  try {
    for (const address of ['/', '/sign-in', '/alerts', '/market', '/s/BTCUSDT', '/debug/open-interest']) {
      const response = await fetch(server.url + address);
      expect([address, response.status]).toEqual([address, 503]);
      expect(await response.json()).toMatchObject({
        error: {
          code: 'not_built',
          message:
            'The dashboard is not built. Run npm run build where the development packages are installed, and deploy dist',
        },
      });
    }
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
