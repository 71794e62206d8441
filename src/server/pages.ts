import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { UnavailableError } from '../kit/errors.ts';

/** Where the dashboard's own script decides what to show. */
const PAGES = ['/', '/sign-in', '/debug/open-interest'];

/** The same folder for the sources and for what is built from them. */
const BUILT = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

/**
 * The dashboard, as it was built. Files under `/assets` carry the hash of their content in their name and never change;
 * the page that names them is asked for anew each time, so that a new build is seen at once.
 */
export function mountPages(app: Express, folder: string = BUILT): void {
  app.use('/assets', express.static(`${folder}/assets`, { index: false, immutable: true, maxAge: '365d' }));
  app.get('/licences.txt', (_request, response) => response.sendFile('licences.txt', { root: folder }));
  const readPage = createPageReader(`${folder}/index.html`);
  app.get(PAGES, (_request: Request, response: Response) => {
    response
      .set({ 'Cache-Control': 'no-cache', 'Content-Type': 'text/html; charset=utf-8' })
      .send(readPage());
  });
  app.use(answerBrowsers);
}

const NOTHING_HERE = Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>Nothing here · Open Interest</title>
<link rel="icon" href="data:,">
</head>
<body>
<h1>There is nothing at this address.</h1>
<p><a href="/">To the dashboard</a></p>
</body>
</html>
`);

/** Whoever types a wrong address gets a way home; programs get what every refusal looks like. */
function answerBrowsers(request: Request, response: Response, next: NextFunction): void {
  response.vary('Accept');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || request.accepts(['json', 'html']) !== 'html') return next();
  response.locals['errorCode'] = 'not_found';
  response
    .status(404)
    .set({ 'Cache-Control': 'no-cache', 'Content-Type': 'text/html; charset=utf-8' })
    .send(NOTHING_HERE);
}

/** Reads the page again only when a build has replaced it: the same bytes are sent to everybody. */
function createPageReader(file: string): () => Buffer {
  let held: { version: string; page: Buffer } | undefined;
  return () => {
    try {
      const { ino, mtimeMs, size } = statSync(file);
      const version = `${ino} ${mtimeMs} ${size}`;
      if (held?.version !== version) held = { version, page: readFileSync(file) };
      return held.page;
    } catch (cause) {
      throw new UnavailableError(
        'not_built',
        'The dashboard has not been built. Run npm run build where the development packages are, and bring dist along',
        { cause },
      );
    }
  };
}
