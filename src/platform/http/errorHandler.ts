import type { ErrorRequestHandler, Request } from 'express';
import { AppError, UnavailableError, coerceError, type ErrorDetail } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { findDatabaseFault } from '../database/fault.ts';

/** The body of every error response. */
export type ErrorBody = {
  error: { code: string; message: string; details?: readonly ErrorDetail[]; requestId: string };
};

/** Turns every thrown error into a status and a body. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = toAppError(thrown);
    if (error.status >= 500) {
      const level = error.status === 503 ? 'warn' : 'error';
      logger[level]({ err: error, requestId: requestIdOf(request), path: request.path }, 'request failed');
    }
    if (response.headersSent) {
      next(thrown);
      return;
    }
    response.locals['errorCode'] = error.code;
    // By default, proxies may cache a 404 or 405.
    response.setHeader('Cache-Control', 'no-store');
    if (error.retryAfterSec !== undefined && !response.hasHeader('Retry-After')) {
      response.setHeader('Retry-After', String(error.retryAfterSec));
    }
    const body: ErrorBody = {
      error: {
        code: error.code,
        message: error.message,
        ...(error.details ? { details: error.details } : {}),
        requestId: requestIdOf(request),
      },
    };
    response.status(error.status).json(body);
  };
}

export function requestIdOf(request: Request): string {
  return typeof request.id === 'string' ? request.id : '';
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (findDatabaseFault(thrown) !== null) {
    return new UnavailableError('database_unavailable', 'The database is unavailable; try again', {
      cause: thrown,
    });
  }
  return (
    fromHttpError(thrown) ??
    new AppError(500, 'internal', 'Internal server error', { cause: coerceError(thrown) })
  );
}

/** Express and the body reader throw errors with `status` and `type`. */
function fromHttpError(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number')
    return undefined;
  const refuse = (status: number, code: string, message: string): AppError =>
    new AppError(status, code, message, { cause: thrown });
  const type = 'type' in thrown && typeof thrown.type === 'string' ? thrown.type : '';
  if (type === 'entity.too.large') {
    const limit = 'limit' in thrown ? ` of ${String(thrown.limit)} bytes` : '';
    return refuse(413, 'body_too_large', `The body is larger than the limit${limit}; send smaller chunks`);
  }
  if (type === 'encoding.unsupported') {
    const message = 'This Content-Encoding is not supported; send gzip or none';
    return refuse(415, 'unsupported_media_type', message);
  }
  if (thrown instanceof URIError) {
    const message = 'Malformed URL encoding: a % must be followed by two hex digits';
    return refuse(400, 'invalid_request', message);
  }
  return thrown.status >= 400 && thrown.status < 500
    ? refuse(thrown.status, 'invalid_request', 'The request cannot be read')
    : undefined;
}
