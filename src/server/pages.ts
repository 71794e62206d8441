import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { UnavailableError } from '../kit/errors.ts';

/** Paths of the single-page app. */
const PAGES = ['/', '/sign-in', '/alerts', '/market', '/s/:symbol', '/debug/open-interest'];

/** Works from src/server and from dist/server. */
const BUILT = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

/**
 * Serves the built dashboard. Names of files under `/assets` contain a content hash, so they are cached for ever; the page
 * is revalidated each time, so that a new build is visible at once.
 */
export function mountPages(app: Express, folder: string = BUILT): void {
  app.use('/assets', express.static(`${folder}/assets`, { index: false, immutable: true, maxAge: '365d' }));
  for (const file of ['licences.txt', 'look.js', 'push.js']) {
    app.get(`/${file}`, (_request, response) => response.sendFile(file, { root: folder, maxAge: 0 }));
  }
  const readPage = createPageReader(`${folder}/index.html`);
  app.get(PAGES, (_request: Request, response: Response) => {
    response
      .set({ 'Cache-Control': 'no-cache', 'Content-Type': 'text/html; charset=utf-8' })
      .send(readPage());
  });
  app.use(answerBrowsers);
}

const NOT_FOUND_PAGE = Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>Page not found · VolSpike Open Interest</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>Page not found</h1>
<p><a href="/">To the dashboard</a></p>
</body>
</html>
`);

/** Browsers get a page with a link to the dashboard, programs the usual error body. */
function answerBrowsers(request: Request, response: Response, next: NextFunction): void {
  response.vary('Accept');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || request.accepts(['json', 'html']) !== 'html') return next();
  response.locals['errorCode'] = 'not_found';
  response
    .status(404)
    .set({ 'Cache-Control': 'no-cache', 'Content-Type': 'text/html; charset=utf-8' })
    .send(NOT_FOUND_PAGE);
}

/** Caches the page until a build replaces it. */
function createPageReader(file: string): () => Buffer {
  let cached: { version: string; page: Buffer } | undefined;
  return () => {
    try {
      const { ino, mtimeMs, size } = statSync(file);
      const version = `${ino} ${mtimeMs} ${size}`;
      if (cached?.version !== version) cached = { version, page: readFileSync(file) };
      return cached.page;
    } catch (cause) {
      throw new UnavailableError(
        'not_built',
        'The dashboard is not built. Run npm run build where the development packages are installed, and deploy dist',
        { cause },
      );
    }
  };
}
