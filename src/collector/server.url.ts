import { isIP } from 'node:net';

/**
 * The address of our server as an operator writes it: `api.volspike.com`, `http://localhost:3001/`. Without a scheme it
 * is https, except on this machine, where nobody has a certificate. Answers it without a trailing slash; throws when
 * it is not an http(s) address.
 */
export function parseServerUrl(raw: string): string {
  const text = raw.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${schemeFor(text)}://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : null;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new Error('must be the http(s) address of the server, such as https://api.example.com');
  }
  return url.href.replace(/\/+$/, '');
}

function schemeFor(hostAndRest: string): 'http' | 'https' {
  const host = /^(\[[^\]]*\]|[^:/]*)/.exec(hostAndRest)?.[1] ?? '';
  return isThisMachine(host.toLowerCase()) ? 'http' : 'https';
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}
