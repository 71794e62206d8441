import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../../../src/kit/clock.ts';
import { judgeResponse } from '../../../../src/openInterest/delivery/outcome.ts';

const NOW = Date.UTC(2026, 10, 20, 12);

function judge(status: number, given: { headers?: Record<string, string>; body?: string } = {}) {
  const { headers = {}, body = '' } = given;
  return judgeResponse({ status, headers, body, snippet: body }, [410], NOW);
}

describe('the outcome of a response', () => {
  it.each([200, 201, 204, 299])('K1 is delivered for %i', (status) => {
    expect(judge(status)).toEqual({ result: 'delivered' });
  });

  it.each([301, 307, 400, 401, 404, 408, 413, 429, 500, 502, 503, 504])('K1 is a retry for %i', (status) => {
    expect(judge(status)).toMatchObject({ result: 'retry', retryAfterMs: null });
  });

  it('ends a channel that is gone, with what the receiver said', () => {
    expect(judge(410, { body: 'moved' })).toEqual({
      result: 'gone',
      error: 'the receiver answered 410: moved',
    });
  });

  it.each([
    ['seconds', { headers: { 'retry-after': '120' } }, 120_000],
    ['fractions', { headers: { 'retry-after': '1.5' } }, 1_500],
    ['a date', { headers: { 'retry-after': new Date(NOW + 60_000).toUTCString() } }, 60_000],
    ['a date in the past', { headers: { 'retry-after': new Date(NOW - 60_000).toUTCString() } }, null],
    ['nonsense', { headers: { 'retry-after': 'soon' } }, null],
    ['a negative number', { headers: { 'retry-after': '-5' } }, null],
    ['a year', { headers: { 'retry-after': '31536000' } }, DAY_MS],
    ["Telegram's body", { body: '{"ok":false,"parameters":{"retry_after":35}}' }, 35_000],
    ["Discord's body", { body: '{"message":"limited","retry_after":0.75}' }, 750],
    ['the longer of both', { headers: { 'retry-after': '1' }, body: '{"retry_after":1.25}' }, 1_250],
    ['a body of another form', { body: '[null]' }, null],
    ['a body with parameters null', { body: '{"parameters":null}' }, null],
  ])('waits as long as a 429 says: %s', (_, given, retryAfterMs) => {
    expect(judge(429, given)).toMatchObject({ result: 'retry', retryAfterMs });
  });
});
