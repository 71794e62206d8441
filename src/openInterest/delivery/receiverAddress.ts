import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Which addresses a receiver may have. Users name the receivers, so without this check they could make the server send
 * requests into its own network (SSRF).
 */
export type AddressPolicy = {
  /** Allows http; else https only. */
  allowHttp: boolean;
  /** Allows loopback and private networks, for receivers on-premises. Metadata services stay refused. */
  allowPrivate: boolean;
};

const PRIVATE_RANGES: readonly string[] = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];

/** Metadata services of clouds that lie in ranges which are otherwise allowed: Azure, Alibaba, AWS by IPv6. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16', '100.100.100.200', 'fd00:ec2::254']);

/** The only block of IPv6 that is assigned for global unicast; outside it are embedded IPv4 forms such as `::7f00:1`. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Why requests to an IP address are refused; `null` if they are allowed. `name`: what its user has entered. */
export function findAddressFault(
  address: string,
  { allowPrivate }: AddressPolicy,
  name = address,
): string | null {
  // An IPv4 address in an IPv6 one (`::ffff:127.0.0.1`) is judged as what it reaches.
  const ip = ipaddr.process(address.replace(/%.*$/, ''));
  const range = ip.range();
  if (METADATA.has(ip.toString())) return `${name} is a metadata service`;
  if (range === 'unicast') {
    if (ip.kind() === 'ipv4' || ip.match(GLOBAL_IPV6)) return null;
  } else if (PRIVATE_RANGES.includes(range)) {
    return allowPrivate ? null : `${name} is not a public address (${range})`;
  }
  return `${name} is not a public address (${range === 'unicast' ? 'embedded IPv4' : range})`;
}

/** Why a URL cannot be a receiver's, as far as its text shows; `guardLookup` checks what its name resolves to. */
export function findUrlFault(raw: string, policy: AddressPolicy): string | null {
  // The parser reduces decimal, octal, hexadecimal and full-width forms of an address to the usual one.
  if (!URL.canParse(raw)) return 'must be a URL like https://example.com/hook';
  const url = new URL(raw);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && policy.allowHttp)) {
    return policy.allowHttp ? 'must be an http or https address' : 'must be an https address';
  }
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (url.hash !== '') return 'must not contain a fragment (#…)';
  const host = hostOf(url.hostname);
  return isIP(host) === 0 ? null : findAddressFault(host, policy);
}

/** Throws an error whose message is for the owner of the channel. */
export function requireAllowedUrl(url: string, policy: AddressPolicy): void {
  const fault = findUrlFault(url, policy);
  if (fault !== null) throw new Error(fault);
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * `dns.lookup` that fails if any address of the name is refused. A connection uses the addresses that it has checked, so a
 * name that resolves to another address later (DNS rebinding) is refused as well. Node looks up no host that is an address.
 * `resolve`: instead of the system's resolver.
 */
export function guardLookup(policy: AddressPolicy, resolve = lookup) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      for (const { address } of found) {
        // Users see the fault, and must not learn which address a name has in our network.
        const fault = findAddressFault(address, policy, hostname);
        if (fault !== null) return callback(new Error(fault), []);
      }
      if (options.all) return callback(null, found);
      const [first] = found;
      return callback(null, first!.address, first!.family);
    });
  };
}

/** Without the brackets of IPv6. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
