import { describe, expect, it } from '@jest/globals';
import { isTransientSqlState } from '../../../../src/platform/database/transientSqlState.ts';

describe('isTransientSqlState', () => {
  it.each([
    ...[
      '40P01',
      '40001',
      '25006',
      '53100',
      '53200',
      '53300',
      '55P03',
      '57014',
      '57P01',
      '57P02',
      '57P03',
      '08000',
      '08003',
      '08006',
      '08P01',
    ],
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'],
  ])('is true for %s', (code) => {
    expect(isTransientSqlState(withCode(code))).toBe(true);
  });

  it.each(['23505', '22P02', '42P01', '28P01', '3D000', '57P04', '0A000', '08'])(
    'is false for %s',
    (code) => {
      expect(isTransientSqlState(withCode(code))).toBe(false);
    },
  );

  it.each([
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('is true for what pg says without a code: %s', (message) => {
    expect(isTransientSqlState(new Error(message))).toBe(true);
  });

  it('looks at what caused the fault', () => {
    expect(isTransientSqlState(new Error('insert failed', { cause: withCode('57P01') }))).toBe(true);
  });

  it('is false for a fault of our own and for what is no error at all', () => {
    expect(isTransientSqlState(new TypeError('x is undefined'))).toBe(false);
    expect(isTransientSqlState(withCode('23505', 'Connection terminated'))).toBe(false);
    expect(isTransientSqlState({ code: '57P01' })).toBe(false);
    expect(isTransientSqlState(null)).toBe(false);
  });

  it('ends on an error that is its own cause', () => {
    const error = new Error('round and round');
    error.cause = error;
    expect(isTransientSqlState(error)).toBe(false);
  });
});

function withCode(code: string, message = 'a fault'): Error {
  return Object.assign(new Error(message), { code });
}
