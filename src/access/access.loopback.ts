/** Whether a host name is this machine's own, where nothing travels that could be read on the way. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/i.test(hostname);
}
