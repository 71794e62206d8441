import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether a host name is this machine's, so that traffic to it cannot be intercepted. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/i.test(hostname);
}

const PRIVATE_RANGES = new Set(['loopback', 'linkLocal', 'private', 'carrierGradeNat', 'uniqueLocal']);

/** Whether an IP address is loopback or of a private network (also 100.64/10, as VPNs use it); IPv4 may be mapped to IPv6. */
export function isPrivateAddress(ip = ''): boolean {
  const address = ip.replace(/%.*$/, '');
  return isIP(address) !== 0 && PRIVATE_RANGES.has(ipaddr.process(address).range());
}
