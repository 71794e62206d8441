import { describe, expect, it } from '@jest/globals';
import { findDatabaseFault, isTransientFault } from '../../../../src/platform/database/fault.ts';

describe('findDatabaseFault', () => {
  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
    [null, 'The server does not support SSL connections'],
  ])('classifies %s as refused TLS, which no retry repairs', (code, message) => {
    const thrown = code === null ? new Error(message) : withCode(code, message);
    expect(findDatabaseFault(thrown)).toEqual({ kind: 'tls_refused', code, message });
    expect(isTransientFault(thrown)).toBe(false);
  });

  it('describes a failed connection to several addresses, which has no message itself', () => {
    const each = ['::1', '127.0.0.1'].map((it) => withCode('ECONNREFUSED', `connect ECONNREFUSED ${it}:1`));
    const thrown = Object.assign(new AggregateError(each), { code: 'ECONNREFUSED' });
    expect(findDatabaseFault(thrown)).toMatchObject({
      kind: 'no_connection',
      message: 'connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('is null for a statement that a healthy database refuses', () => {
    expect(findDatabaseFault(withCode('42501', 'permission denied for table x'))).toBeNull();
  });
});

describe('isTransientFault', () => {
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
    expect(isTransientFault(withCode(code))).toBe(true);
  });

  it.each(['23505', '22P02', '42P01', '28P01', '3D000', '57P04', '0A000', '08'])(
    'is false for %s',
    (code) => {
      expect(isTransientFault(withCode(code))).toBe(false);
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
    expect(isTransientFault(new Error(message))).toBe(true);
  });

  it('inspects the cause of the fault', () => {
    expect(isTransientFault(new Error('insert failed', { cause: withCode('57P01') }))).toBe(true);
  });

  it('is false for our own faults and for non-errors', () => {
    expect(isTransientFault(new TypeError('x is undefined'))).toBe(false);
    expect(isTransientFault(withCode('23505', 'Connection terminated'))).toBe(false);
    expect(isTransientFault({ code: '57P01' })).toBe(false);
    expect(isTransientFault(null)).toBe(false);
  });

  it('terminates for an error that is its own cause', () => {
    const error = new Error('round and round');
    error.cause = error;
    expect(isTransientFault(error)).toBe(false);
  });
});

function withCode(code: string, message = 'a fault'): Error {
  return Object.assign(new Error(message), { code });
}
