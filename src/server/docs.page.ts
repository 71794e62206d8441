// The page of the API document: Swagger UI in the colours of the dashboard. The content security policy allows no inline
// script or style, so each is a document of its own.

export const DOCS_PAGE = Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>API · VolSpike Open Interest</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/style.css">
<script src="/docs/start.js" defer></script>
</head>
<body>
<header>
<a href="/">VolSpike Open Interest</a>
<nav aria-label="Documents">
<a href="/openapi.json">Routes (OpenAPI)</a>
<a href="/asyncapi.json">Sockets and event stream (AsyncAPI)</a>
</nav>
</header>
<div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js" defer></script>
</body>
</html>
`);

/** Applies the theme that is chosen on the dashboard, dark unless one is, and starts the viewer once it is loaded. */
export const DOCS_SCRIPT = Buffer.from(`const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function readTheme() {
  try {
    return JSON.parse(localStorage.getItem('oi.layout.v1'))?.theme ?? 'dark';
  } catch {
    return 'dark';
  }
}

function applyTheme() {
  const theme = readTheme();
  const isDark = theme === 'dark' || (theme === 'system' && systemIsDark.matches);
  document.documentElement.classList.toggle('dark-mode', isDark);
}

applyTheme();
systemIsDark.addEventListener('change', applyTheme);
addEventListener('storage', applyTheme);
addEventListener('DOMContentLoaded', () => {
  SwaggerUIBundle({
    url: '/openapi.json',
    domNode: document.getElementById('docs'),
    validatorUrl: null,
    syntaxHighlight: { activated: false },
  });
});
`);

/**
 * The dashboard's font and colours, and contrasts of at least 4.5:1 where the viewer's own are lower. The padlocks of single routes
 * are hidden: the viewer shows one closed where a key is optional. Each route names its access in its description. So is the
 * choice of a server, of which there is one. Examples have no colours, which the viewer sets inline and too dark.
 */
export const DOCS_STYLE = Buffer.from(`@font-face {
  font-family: 'Inter Variable';
  font-display: swap;
  font-weight: 100 900;
  src: url(/docs/assets/inter-latin-wght-normal.woff2) format('woff2-variations');
}

html {
  --font: 'Inter Variable', system-ui, sans-serif;
  --page: #ffffff;
  --panel: #f5f7fa;
  --text: #10161d;
  --muted: #55616e;
  --line: #d3dae2;
  --link: #005fb8;
}

html.dark-mode {
  --page: #0b0f14;
  --panel: #121922;
  --text: #e6edf3;
  --muted: #9aa7b4;
  --line: #243040;
  --link: #58b4ff;
}

html,
html.dark-mode,
html.dark-mode .swagger-ui,
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
}

header {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 20px;
  align-items: center;
  min-height: 48px;
  padding: 6px 20px;
  border-bottom: 1px solid var(--line);
  background: var(--panel);
  font: 13px/1.4 var(--font);
}

html:root:root:root .swagger-ui * {
  font-family: var(--font);
}

html:root:root:root
  .swagger-ui
  :is(pre, code, textarea, .opblock-summary-path, .parameter__type, .parameter__in, .model),
html:root:root:root .swagger-ui :is(pre, .opblock-summary-path, .model) * {
  font-family: monospace;
}

/* Examples are whole: what scrolls could not be reached by keyboard. */
html:root .swagger-ui pre.microlight {
  max-height: none;
  overflow: visible !important;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

header > a {
  font-size: 15px;
  font-weight: 700;
}

header a {
  color: var(--text);
}

header nav {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 16px;
}

header nav a {
  color: var(--link);
}

.swagger-ui .opblock .authorization__btn,
html:root:root .swagger-ui .schemes-server-container {
  display: none;
}

html:root .swagger-ui .scheme-container {
  background: var(--panel);
  box-shadow: none;
}

html:root .swagger-ui .info a,
html:root .swagger-ui .link,
html:root .swagger-ui .renderedMarkdown a {
  color: var(--link);
}

html:root .swagger-ui .info .title,
html:root .swagger-ui .opblock-tag,
html:root .swagger-ui .opblock-tag small,
html:root .swagger-ui .info p,
html:root .swagger-ui .opblock .opblock-summary-path,
html:root .swagger-ui .opblock .opblock-summary-description {
  color: var(--text);
}

html:root .swagger-ui .json-schema-2020-12__constraint,
html:root .swagger-ui .opblock .opblock-summary-method {
  color: #10161d;
  text-shadow: none;
}

html:root .swagger-ui .parameter__in,
html:root .swagger-ui .json-schema-2020-12-expand-deep-button,
html:root .swagger-ui .json-schema-2020-12__attribute {
  color: var(--muted);
}

html:root .swagger-ui .info .title small,
html:root .swagger-ui .info .title small.version-stamp {
  background: var(--muted);
}

html:root .swagger-ui .info .title small pre {
  color: var(--page);
}

html:root:root .swagger-ui .btn.authorize {
  border-color: var(--link);
  color: var(--link);
}

html:root:root .swagger-ui .btn.authorize svg {
  fill: var(--link);
}

@media (max-width: 719px) {
  .swagger-ui .opblock-tag {
    flex-wrap: wrap;
  }

  .swagger-ui .opblock-tag small {
    flex-basis: 100%;
    order: 1;
    padding: 0;
  }
}
`);
