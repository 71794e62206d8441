import { defineConfig, type Plugin } from 'vite';

/** The dashboard's pages: one app, built beside the server that serves it, so that there is one origin and no CORS. */
export default defineConfig({
  root: 'src/dashboard',
  plugins: [withoutJsonSchema()],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // Directives for servers that render React; here there is none.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});

/**
 * Every zod schema carries the means to describe itself as JSON Schema. The server does, for its API document; a browser
 * never asks, and they are a tenth of what it would load.
 */
function withoutJsonSchema(): Plugin {
  return {
    name: 'without-json-schema',
    transform(code, id) {
      if (!id.endsWith('/zod/v4/classic/schemas.js')) return null;
      return code
        .replace(/^import \* as processors .*$/m, 'const processors = {};')
        .replace(
          /^import \{ createStandardJSONSchemaMethod.*$/m,
          'const createStandardJSONSchemaMethod = () => undefined, createToJSONSchemaMethod = () => undefined;',
        );
    },
  };
}
