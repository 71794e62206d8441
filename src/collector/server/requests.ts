/** A JWT has two dots, a key has none. */
export function historyHeaders(keyOrToken: string): Record<string, string> {
  return keyOrToken.split('.').length === 3
    ? { Authorization: `Bearer ${keyOrToken}` }
    : { 'X-API-Key': keyOrToken };
}

export function queryOf(query: Record<string, string | number>): string {
  return new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}
