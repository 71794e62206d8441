import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
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
  codeOfError,
  coerceError,
  describeError,
} from '../../../src/kit/errors.ts';

describe('error classes', () => {
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

  it('I6 have a Retry-After with every 503, with a default', () => {
    expect(new UnavailableError('c', 'm').retryAfterSec).toBe(2);
    expect(new UnavailableError('c', 'm', { retryAfterSec: 7 }).retryAfterSec).toBe(7);
    expect(new ValidationError('m').retryAfterSec).toBeUndefined();
  });

  it('keep the cause and the details', () => {
    const cause = new Error('below');
    const details = [{ path: 'data[3].symbol', message: 'must be text' }];
    const error = new ValidationError('m', { cause, details });
    expect([error.cause, error.details]).toEqual([cause, details]);
  });
});

describe('coerceError', () => {
  it('returns an error unchanged', () => {
    const error = new ConflictError('c', 'm');
    expect(coerceError(error)).toBe(error);
  });

  it('returns errors of another realm or the platform unchanged', () => {
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

/** What a real connect to a name with two addresses rejects with when both refuse. */
async function refusedByBoth(): Promise<Error> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const socket = net.connect({
    port,
    host: 'both.test',
    lookup: (_host, _options, found) =>
      found(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  });
  const [error] = (await once(socket, 'error')) as [Error];
  return error;
}

describe('describeError', () => {
  it('names the addresses that refuse, although their AggregateError has no message', async () => {
    const error = await refusedByBoth();
    expect(error).toMatchObject({ name: 'AggregateError', message: '' });
    for (const thrown of [error, new TypeError('fetch failed', { cause: error })]) {
      expect(describeError(thrown)).toMatch(
        /connect ECONNREFUSED 127\.0\.0\.1:\d+; connect ECONNREFUSED 127\.0\.0\.2:\d+$/,
      );
      expect(codeOfError(thrown)).toBe('ECONNREFUSED');
    }
  });

  it.each([
    ['a message alone', new Error('torn'), 'torn'],
    ['a code', Object.assign(new Error('no space left'), { code: 'ENOSPC' }), 'ENOSPC: no space left'],
    [
      'a code that the message has',
      Object.assign(new Error('connect ENETUNREACH ::1'), { code: 'ENETUNREACH' }),
      'connect ENETUNREACH ::1',
    ],
    [
      'a cause',
      new Error('fetch failed', { cause: new Error('other side closed') }),
      'fetch failed: other side closed',
    ],
    ['a cause that the message quotes', new Error('/x: torn', { cause: new Error('torn') }), '/x: torn'],
    ['nothing but a code', Object.assign(new Error(''), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
    ['nothing at all', new RangeError(''), 'RangeError'],
    ['text', 'out of paper', 'out of paper'],
    ['undefined', undefined, 'undefined'],
  ])('writes %s on one line and is never empty', (_what, thrown, text) => {
    expect(describeError(thrown)).toBe(text);
  });

  it('terminates for a cyclic cause', () => {
    const error = new Error('round');
    error.cause = new Error('and round', { cause: error });
    expect(describeError(error)).toMatch(/^round/);
    expect(describeError(error).length).toBeLessThan(200);
  });
});
