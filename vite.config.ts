import { defineConfig, type Plugin, type Rolldown } from 'vite';

// Whatever the shell that builds is set to, people get the React that is made for them, not the one for developers.
process.env['NODE_ENV'] = 'production';

const OWN_MODULES = /\/src\//;

/** The dashboard's pages: one app, built beside the server that serves it, so that there is one origin and no CORS. */
export default defineConfig({
  root: 'src/dashboard',
  plugins: [zodForBrowsers(), withoutWebTransport()],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // Directives for servers that render React; here there is none.
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      // Own modules that several chunks use are two chunks, what the board needs to start and the rest: a dozen tiny
      // ones compress worse and cost a request each.
      output: {
        codeSplitting: {
          groups: [
            { name: startName, debugName: 'start', test: OWN_MODULES, minShareCount: 2, priority: 1 },
            { name: 'parts', test: OWN_MODULES, minShareCount: 2 },
          ],
        },
      },
    },
  },
});

/** Of what the entry or the page of the board imports, directly or through others, without `import()`. */
function startName(id: string, context: Pick<Rolldown.PluginContext, 'getModuleInfo'>): string | null {
  const seen = new Set([id]);
  for (const it of seen) {
    if (/\/(?:main|DashboardPage)\.tsx$/.test(it)) return 'shared';
    context.getModuleInfo(it)?.importers.forEach((importer) => seen.add(importer));
  }
  return null;
}

/**
 * Zod as a browser needs it. Schemas must not be compiled: that takes `eval`, which the content security policy refuses,
 * loudly. And they need not describe themselves as JSON Schema, which only the server asks for, nor check formats that no
 * page checks: a fifth of what would be loaded.
 */
function zodForBrowsers(): Plugin {
  return {
    name: 'zod-for-browsers',
    transform(code, id) {
      if (id.endsWith('/zod/v4/core/core.js')) {
        return `${code}\nglobalConfig.jitless = true;\n`;
      }
      if (!id.endsWith('/zod/v4/classic/schemas.js')) return null;
      return (
        code
          // Its English sentences are for whoever sends something; here only whether a message can be read is asked.
          .replace(/^import en from .*$/m, 'const en = () => ({ localeError: () => undefined });')
          .replace(/^import \* as processors .*$/m, 'const processors = {};')
          // The formats of strings as methods, which bring a regular expression each; ours are `z.url()` and the like.
          .replace(/(const ZodString = [^{]*\{[^}]*\}), \{.*?^\}\);/ms, '$1);')
          // What arrives is parsed, at once and in one direction.
          .replace(
            /^ {4}(?:async )?(?:encode|decode|validate|safeEncode|safeDecode|\w+Async)\b.*\{\n(?: {8}.*\n)* {4}\},\n/gm,
            '',
          )
          // Parsed JSON has no cycles to remember.
          .replace('core.config({ memoizer: core.memoizer() })', '')
          .replace(
            /^import \{ createStandardJSONSchemaMethod.*$/m,
            'const createStandardJSONSchemaMethod = () => undefined, createToJSONSchemaMethod = () => undefined;',
          )
      );
    },
  };
}

/** The server offers WebSocket and polling; the client's code for WebTransport would be loaded and never run. */
function withoutWebTransport(): Plugin {
  return {
    name: 'without-web-transport',
    transform: (_code, id) =>
      id.endsWith('/engine.io-client/build/esm/transports/webtransport.js') ? 'export class WT {}' : null,
  };
}
