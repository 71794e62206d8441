import { z } from 'zod';

/**
 * Text that Postgres stores as it is: it has no NUL and no half of a surrogate pair, and refuses the one and replaces the
 * other. Line breaks are refused with the other control characters, because these texts are printed on one line.
 */
export function plainText(maxCharacters: number): z.ZodString {
  return z
    .string()
    .max(maxCharacters, `must be at most ${maxCharacters} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or lone surrogates');
}

/** The same for text that is only shown: what cannot be stored or printed on one line becomes a blank. */
export function blankedText(maxCharacters: number): z.ZodType<string, string> {
  return z
    .string()
    .max(maxCharacters, `must be at most ${maxCharacters} characters`)
    .transform((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' '));
}
