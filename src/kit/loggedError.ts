import { coerceError } from './errors.ts';

/** The logged fields of an error. */
type LoggedError = {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  /** The members of an AggregateError. */
  errors?: LoggedError[];
  cause?: LoggedError;
};

const DEEPEST = 5;

/**
 * Logs no other fields, because libraries attach data to errors: ioredis the command with its arguments, which for AUTH is
 * the password; pg the values of a row; jose the claims of a token.
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

/** The error of an unparsable address quotes all of it. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/\/\/[^\s/@]*@/g, '//…@');
}
