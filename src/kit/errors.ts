import { types } from 'node:util';

export type ErrorDetail = {
  /** The faulty field: `data[3].symbol`, `?limit`, `SETTING_NAME`. */
  path: string;
  /** The fault and the expected value. */
  message: string;
};

type AppErrorOptions = {
  details?: readonly ErrorDetail[];
  cause?: unknown;
  /** Seconds after which the same request may succeed: the `Retry-After` header. */
  retryAfterSec?: number;
};

/** An error with a status and a body, which the HTTP error handler sends. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterSec: number | undefined;

  constructor(status: number, code: string, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.details = options.details;
    this.retryAfterSec = options.retryAfterSec;
  }
}

/** 400: malformed, or without any valid item. */
export class ValidationError extends AppError {
  override readonly name = 'ValidationError';
  constructor(message: string, options: AppErrorOptions & { code?: string } = {}) {
    super(400, options.code ?? 'invalid_request', message, options);
  }
}

/** 400: a body with these faults, beyond what its schema checks. */
export function invalidBody(details: readonly ErrorDetail[]): ValidationError {
  const paths = details.map((it) => it.path).join(', ');
  return new ValidationError(`Invalid body: ${paths}`, { code: 'invalid_body', details });
}

/** 401: missing or invalid credentials. */
export class UnauthorizedError extends AppError {
  override readonly name = 'UnauthorizedError';
  constructor(message: string, options: AppErrorOptions & { code?: string } = {}) {
    super(401, options.code ?? 'unauthorized', message, options);
  }
}

/** 403: insufficient permissions. */
export class ForbiddenError extends AppError {
  override readonly name = 'ForbiddenError';
  constructor(message: string, options: AppErrorOptions & { code?: string } = {}) {
    super(403, options.code ?? 'forbidden', message, options);
  }
}

/** 404: not found. */
export class NotFoundError extends AppError {
  override readonly name = 'NotFoundError';
  constructor(message: string) {
    super(404, 'not_found', message);
  }
}

/** 409: a guard refuses the change. */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  constructor(code: string, message: string) {
    super(409, code, message);
  }
}

/** 429: rate limit exceeded. */
export class TooManyRequestsError extends AppError {
  override readonly name = 'TooManyRequestsError';
  constructor(message: string, options: AppErrorOptions = {}) {
    super(429, 'rate_limited', message, options);
  }
}

/** 503: a valid request that may be retried. */
export class UnavailableError extends AppError {
  override readonly name = 'UnavailableError';
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(503, code, message, { retryAfterSec: 2, ...options });
  }
}

/** A fault that the operator can fix: the message contains the remedy, and the program prints it without a stack and exits. */
export class ExplainedError extends Error {
  override readonly name: string = 'ExplainedError';
}

/** Any thrown value as an `Error`. */
export function coerceError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(String(thrown), { cause: thrown });
}

/** `instanceof Error` fails for errors of another realm, and `isNativeError` for a `DOMException` such as an aborted fetch. */
function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof DOMException;
}

const DEEPEST_CAUSE = 5;
const LONGEST_DESCRIPTION = 1_000;

/**
 * Describes an error in one line: message, code, the errors of an AggregateError and the causes, each once. Never empty,
 * although a connect to a host with two addresses fails as an AggregateError without a message.
 * `ECONNREFUSED: connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80`
 */
export function describeError(thrown: unknown): string {
  return describeWithin(thrown, DEEPEST_CAUSE).slice(0, LONGEST_DESCRIPTION);
}

function describeWithin(thrown: unknown, depth: number): string {
  const error = coerceError(thrown);
  const inner = depth === 0 ? [] : [...membersOf(error), ...(error.cause == null ? [] : [error.cause])];
  const details = [...new Set(inner.map((it) => describeWithin(it, depth - 1)))];
  const message = error.message.trim();
  const code = codeOf(error);
  // Skips causes that the message quotes already.
  const detail = details.filter((it) => !message.includes(it)).join('; ');
  const own = message || (detail === '' ? (code ?? error.name) : '');
  const text = [own, detail].filter((it) => it !== '').join(': ');
  return code === null || text.includes(code) ? text : `${code}: ${text}`;
}

/** The first code of an error and its causes, such as `ECONNREFUSED`; `null` without any. */
export function codeOfError(thrown: unknown): string | null {
  let at: unknown = thrown;
  for (let depth = 0; depth <= DEEPEST_CAUSE && at != null; depth += 1) {
    const code = codeOf(at);
    if (code !== null) return code;
    at = (at as { cause?: unknown }).cause ?? membersOf(at)[0];
  }
  return null;
}

function codeOf(error: unknown): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code !== '' ? code : null;
}

function membersOf(error: unknown): readonly unknown[] {
  const { errors } = error as { errors?: unknown };
  return Array.isArray(errors) ? errors : [];
}
