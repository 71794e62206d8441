/** Whether If-None-Match contains `tag`, by weak comparison (RFC 9110 §13.1.2): the client's copy is current. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((it) => it.trim() === '*' || opaque(it) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
