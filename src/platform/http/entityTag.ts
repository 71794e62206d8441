/** Whether a caller's If-None-Match names `tag`: the answer it holds is still right. Compared weakly, as RFC 9110 §13.1.2 has it. */
export function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((it) => it.trim() === '*' || opaque(it) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
