import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Express } from 'express';
// Not the package itself, which evaluates the browser bundle: 40 MB and a second at start.
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import { z } from 'zod';
import { defineRoute, text, type Route } from '../platform/http/route.ts';
import { createAsyncApiDocument } from './asyncApi.ts';
import { DOCS_PAGE, DOCS_SCRIPT, DOCS_STYLE } from './docs.page.ts';
import { createOpenApiDocument } from './openApi.ts';

const PUBLIC = { method: 'get', access: 'public', whileStarting: true } as const;

/** The API document and its page, created once. `routes` are all other routes. */
export function createDocsRoutes(routes: readonly Route[], version: string): Route[] {
  const own: Route[] = [
    defineRoute({
      ...PUBLIC,
      path: '/openapi.json',
      operationId: 'readOpenApiDocument',
      summary: 'This document',
      responses: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
      handle: () => text(200, document, 'application/json; charset=utf-8'),
    }),
    defineRoute({
      ...PUBLIC,
      path: '/asyncapi.json',
      operationId: 'readAsyncApiDocument',
      summary: 'The messages of sockets and of the event stream',
      responses: { 200: { description: 'AsyncAPI 3', schema: z.looseObject({ asyncapi: z.string() }) } },
      handle: () => text(200, liveDocument, 'application/json; charset=utf-8'),
    }),
    defineRoute({
      ...PUBLIC,
      path: '/docs',
      operationId: 'readDocsPage',
      summary: 'This document as a page',
      responses: { 200: { description: 'A page', contentType: 'text/html' } },
      handle: () => text(200, DOCS_PAGE, 'text/html; charset=utf-8'),
    }),
    defineRoute({
      ...PUBLIC,
      path: '/docs/start.js',
      operationId: 'readDocsScript',
      summary: 'The script that starts the page',
      responses: { 200: { description: 'JavaScript', contentType: 'text/javascript' } },
      handle: () => text(200, DOCS_SCRIPT, 'text/javascript; charset=utf-8'),
    }),
    defineRoute({
      ...PUBLIC,
      path: '/docs/style.css',
      operationId: 'readDocsStyle',
      summary: 'The colours of the page',
      responses: { 200: { description: 'CSS', contentType: 'text/css' } },
      handle: () => text(200, DOCS_STYLE, 'text/css; charset=utf-8'),
    }),
  ];
  const document = Buffer.from(JSON.stringify(createOpenApiDocument([...routes, ...own], version)));
  const liveDocument = Buffer.from(JSON.stringify(createAsyncApiDocument(version)));
  return own;
}

const FONT = 'inter-latin-wght-normal.woff2';

/** Serves the files that the page loads, and no other file of their packages. */
export function mountDocsAssets(app: Express): void {
  const { resolve } = createRequire(import.meta.url);
  const fonts = path.dirname(resolve(`@fontsource-variable/inter/files/${FONT}`));
  mountFiles(app, swaggerUiFolder(), ['swagger-ui.css', 'swagger-ui-bundle.js']);
  mountFiles(app, fonts, [FONT]);
}

function mountFiles(app: Express, folder: string, files: readonly string[]): void {
  const served = files.map((file) => `/docs/assets/${file}`);
  const serveFile = express.static(folder, { index: false, maxAge: '1d' });
  app.use('/docs/assets', (request, response, next) => {
    if (served.includes(request.originalUrl.split('?', 1)[0] ?? '')) serveFile(request, response, next);
    else next();
  });
}
