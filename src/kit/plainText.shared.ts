import { z } from 'zod';

/**
 * Text that Postgres stores unchanged: it refuses NUL and replaces lone surrogates. Line breaks are refused with the other
 * control characters, because these texts are printed in one line.
 */
export function plainText(maxCharacters: number): z.ZodString {
  return z
    .string()
    .max(maxCharacters, `must be at most ${maxCharacters} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or lone surrogates');
}

/** The same for display text: replaces these characters by blanks instead of refusing them. */
export function blankedText(maxCharacters: number): z.ZodType<string, string> {
  return z
    .string()
    .max(maxCharacters, `must be at most ${maxCharacters} characters`)
    .transform((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' '));
}
