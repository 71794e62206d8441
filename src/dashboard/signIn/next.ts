/**
 * Where to go after signing in: a path of this site, or the dashboard. The address is untrusted input, so
 * it is taken only if the browser, too, reads it as this origin: `//evil.example` and `/\evil.example` are other hosts.
 */
export function readNext(search: string, origin: string): string {
  const given = new URLSearchParams(search).get('next');
  if (given === null || !/^\/(?![/\\])/.test(given)) return '/';
  const url = URL.canParse(given, origin) ? new URL(given, origin) : null;
  if (url === null || url.origin !== origin || url.pathname === '/sign-in') return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
