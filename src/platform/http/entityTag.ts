import { AppError, ValidationError } from '../../kit/errors.ts';

/** Whether If-None-Match contains `tag`, by weak comparison (RFC 9110 §13.1.2): the client's copy is current. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((it) => it.trim() === '*' || opaque(it) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

/** The version that If-Match names, as an ETag such as `"3"`. Throws 428 without one, 400 for another form. */
export function readIfMatch(ifMatch: string | undefined, what: string): number {
  if (ifMatch === undefined) {
    throw new AppError(
      428,
      'if_match_required',
      `Send If-Match with the ETag of ${what} you have read, so that no change of another page is overwritten`,
    );
  }
  const version = /^"(\d{1,9})"$/.exec(ifMatch.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new ValidationError(`If-Match must be the ETag of ${what}, such as "3" with its quotes`, {
    code: 'invalid_header',
  });
}
