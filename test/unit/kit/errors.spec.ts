import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import {
  AppError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
  ValidationError,
  coerceError,
} from '../../../src/kit/errors.ts';

describe('the error family', () => {
  it.each([
    [new ValidationError('m'), 400, 'invalid_request'],
    [new ValidationError('m', { code: 'no_valid_items' }), 400, 'no_valid_items'],
    [new UnauthorizedError('m'), 401, 'unauthorized'],
    [new ForbiddenError('m'), 403, 'forbidden'],
    [new NotFoundError('m'), 404, 'not_found'],
    [new ConflictError('universe_collapse', 'm'), 409, 'universe_collapse'],
    [new TooManyRequestsError('m'), 429, 'rate_limited'],
    [new UnavailableError('draining', 'm'), 503, 'draining'],
  ])('%s has its status and code', (error, status, code) => {
    expect(error).toBeInstanceOf(AppError);
    expect([error.status, error.code, error.message]).toEqual([status, code, 'm']);
    expect(error.name).toBe(error.constructor.name);
  });

  it('I6 says with a 503 when to come back, also when nobody gave a time', () => {
    expect(new UnavailableError('c', 'm').retryAfterSec).toBe(2);
    expect(new UnavailableError('c', 'm', { retryAfterSec: 7 }).retryAfterSec).toBe(7);
    expect(new ValidationError('m').retryAfterSec).toBeUndefined();
  });

  it('keeps the cause and the details', () => {
    const cause = new Error('below');
    const details = [{ path: 'data[3].symbol', message: 'must be text' }];
    const error = new ValidationError('m', { cause, details });
    expect([error.cause, error.details]).toEqual([cause, details]);
  });
});

describe('coerceError', () => {
  it('leaves an error alone', () => {
    const error = new ConflictError('c', 'm');
    expect(coerceError(error)).toBe(error);
  });

  it('leaves alone what another realm or the platform calls an error', () => {
    const foreign: unknown = vm.runInNewContext("new TypeError('from elsewhere')");
    const aborted = new DOMException('The operation was aborted', 'AbortError');
    for (const error of [foreign, aborted]) expect(coerceError(error)).toBe(error);
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ a: 1 }, '[object Object]'],
  ])('wraps %j and keeps it as the cause', (thrown, message) => {
    expect(coerceError(thrown)).toMatchObject({ message, cause: thrown });
  });
});
