import { SettingsError } from '../../kit/env.ts';

/** A proxy that requests go through. */
export type Proxy = {
  url: URL;
  /** The variable that names it. */
  setting: string;
};

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL, by the usual variables, of which lower case wins: HTTPS_PROXY for https
 * and wss, HTTP_PROXY for http and ws, ALL_PROXY for other URLs; NO_PROXY lists hosts that are reached
 * directly. This machine is always reached directly. `null`: none.
 *
 * The packages that do this read the process environment only, and assume TLS for a proxy without a scheme.
 */
export function selectProxy(env: Env, target: string): Proxy | null {
  const url = new URL(target);
  if (isThisMachine(url.hostname) || isExempt(env, url)) return null;
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const found = read(env, isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read(env, 'ALL_PROXY');
  return found && { url: parseProxy(found), setting: found.setting };
}

/** Without user and password. */
export function describeProxy({ url, setting }: Proxy): string {
  return `${url.protocol}//${url.host} (${setting})`;
}

type Found = { setting: string; value: string };

function read(env: Env, name: string): Found | null {
  for (const setting of [name.toLowerCase(), name]) {
    const value = env[setting]?.trim();
    if (value) return { setting, value };
  }
  return null;
}

function parseProxy({ setting, value }: Found): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  // The value may hold a password and is not repeated.
  throw new SettingsError(
    `${setting} must be the address of an HTTP proxy, such as http://proxy.example:3128; ` +
      'SOCKS is not supported. NO_PROXY=* goes without a proxy.',
  );
}

/** Whether a host name of a URL is this machine's: proxies are not asked for it, and it has no certificate. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'ws:': '80',
  'https:': '443',
  'wss:': '443',
};

/** NO_PROXY is a list of `*`, `host`, `.domain`, `*.domain`, each with or without `:port`; a host includes its subdomains. */
function isExempt(env: Env, url: URL): boolean {
  const list =
    read(env, 'NO_PROXY')
      ?.value.toLowerCase()
      .split(/[\s,]+/) ?? [];
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = url.port || DEFAULT_PORTS[url.protocol];
  return list.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', entryPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
    const domain = name.replace(/^\*?\./, '');
    if (domain === '' || (entryPort !== undefined && entryPort !== port)) return false;
    return host === domain || host.endsWith(`.${domain}`);
  });
}
