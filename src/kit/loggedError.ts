import { coerceError } from './errors.ts';

/** What a log keeps of an error. */
export type LoggedError = {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  /** Of an AggregateError. */
  errors?: LoggedError[];
  cause?: LoggedError;
};

const DEEPEST = 5;

/**
 * These fields and no other: clients hang onto their errors what they were doing. ioredis has the command with its
 * arguments there, which for AUTH is the password; pg the values of a row, jose the claims of a token.
 */
export function describeLoggedError(thrown: unknown, depth = DEEPEST): LoggedError {
  const error = coerceError(thrown);
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  const inner = (it: unknown) => describeLoggedError(it, depth - 1);
  return {
    type: error.constructor.name,
    message: withoutCredentials(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: withoutCredentials(error.stack) }),
    ...(depth > 0 && Array.isArray(errors) ? { errors: errors.map(inner) } : {}),
    ...(depth > 0 && error.cause != null ? { cause: inner(error.cause) } : {}),
  };
}

/** An address that cannot be parsed is quoted whole. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^\s/@]*@/g, '//…@');
}
