import { describe, expect, it } from '@jest/globals';
import { readHead, refusalOf } from '../../../../src/collector/binance/answer.ts';

const DATE = 'Fri, 20 Nov 2026 14:00:42 GMT';
/** This machine's clock; it counts only where the exchange's is not known. */
const NOW = Date.UTC(2026, 10, 20, 14, 0, 12);
const exchangeTime = Date.UTC(2026, 10, 20, 14, 0, 42);
const BANNED =
  '{"code":-1003,"msg":"Way too much request weight used; IP banned until UNTIL. Please use the websocket for live updates to avoid bans."}';

describe('headers of an exchange response', () => {
  it('contain the weight used, the exchange’s time and the wait, rounded up by a second', () => {
    const headers = { date: DATE, 'x-mbx-used-weight-1m': '1284', 'retry-after': '37' };
    expect(readHead(429, headers, '', NOW)).toEqual({
      status: 429,
      usedWeight: 1_284,
      exchangeTime,
      retryAfterMs: 38_000,
    });
  });

  it.each([
    [{}],
    [{ date: 'yesterday', 'x-mbx-used-weight-1m': 'NaN', 'retry-after': 'soon' }],
    [{ date: '', 'x-mbx-used-weight-1m': '-5', 'retry-after': '-1' }],
    [{ date: '42', 'x-mbx-used-weight-1m': '1e3', 'retry-after': '99999999999999' }],
    [{ 'x-mbx-used-weight-1m': ['1', '2'], 'retry-after': ['1', '2'] }],
  ])('are unknown when unreadable: %j', (headers) => {
    expect(readHead(200, headers, '', NOW)).toEqual({
      status: 200,
      usedWeight: null,
      exchangeTime: null,
      retryAfterMs: null,
    });
  });

  it('Q2 reads the length of a ban from its message, by the exchange’s clock', () => {
    const body = BANNED.replace('UNTIL', String(exchangeTime + 600_000));
    expect(readHead(418, { date: DATE }, body, NOW).retryAfterMs).toBe(601_000);
    expect(readHead(418, {}, body, NOW).retryAfterMs).toBe(631_000);
    const over = BANNED.replace('UNTIL', '1620286253180');
    expect(readHead(418, { date: DATE }, over, NOW).retryAfterMs).toBeNull();
  });

  it.each([
    ['0', 120_000, 121_000],
    ['30', 120_000, 121_000],
    ['600', 120_000, 601_000],
    ['Fri, 20 Nov 2026 14:10:42 GMT', 120_000, 601_000],
    ['Fri, 20 Nov 2026 14:00:42 GMT', 120_000, 121_000],
    ['soon', 120_000, 121_000],
    ['2.5', 0, 3_500],
  ])('Q2 waits for the later of Retry-After: %s and a ban of %i ms', (retryAfter, banMs, waitMs) => {
    const body = BANNED.replace('UNTIL', String(exchangeTime + banMs));
    expect(readHead(418, { date: DATE, 'retry-after': retryAfter }, body, NOW).retryAfterMs).toBe(waitMs);
  });

  it.each([1_000, 1, 0.001])('reads the end of a ban in any unit: ms × %d', (unit) => {
    const body = BANNED.replace('UNTIL', String(Math.round((exchangeTime + 120_000) * unit)));
    expect(readHead(418, { date: DATE }, body, NOW).retryAfterMs).toBe(121_000);
  });

  it('ignores a Retry-After of 0', () => {
    expect(readHead(429, { date: DATE, 'retry-after': '0' }, '', NOW).retryAfterMs).toBeNull();
  });

  it('reads a date in Retry-After, up to the exchange’s longest ban', () => {
    const later = 'Fri, 20 Nov 2026 14:02:42 GMT';
    expect(readHead(429, { date: DATE, 'retry-after': later }, '', NOW).retryAfterMs).toBe(121_000);
    expect(readHead(418, { 'retry-after': '999999999' }, '', NOW).retryAfterMs).toBe(3 * 86_400_000 + 1_000);
  });
});

describe('a refusal of the exchange', () => {
  const refusal = (status: number, body: string) =>
    refusalOf('/fapi/v1/openInterest', { head: readHead(status, {}, body, NOW), body }, null);

  it.each([
    [418, BANNED, 'banned'],
    [429, '{"code":-1003,"msg":"Too many requests"}', 'throttled'],
    [403, '<html><title>403 ERROR</title></html>', 'throttled'],
    [451, '{"code":0,"msg":"Service unavailable from a restricted location"}', 'throttled'],
    [400, '{"code":-1121,"msg":"Invalid symbol."}', 'unknown_symbol'],
    [400, '{"code":-4108,"msg":"Symbol is on delivering or settling."}', 'unknown_symbol'],
    [400, '{"code":-1102,"msg":"Mandatory parameter was not sent"}', 'refused'],
    [400, '{"code":-1000,"msg":"An unknown error occurred while processing the request."}', 'unavailable'],
    [400, '{"code":-1001,"msg":"Internal error; unable to process your request."}', 'unavailable'],
    [404, '', 'unavailable'],
    [404, '<html>The page is lost</html>', 'unavailable'],
    [408, '{"code":-1007,"msg":"Timeout"}', 'unavailable'],
    [500, '', 'unavailable'],
    [503, '<html>', 'unavailable'],
    [302, '', 'unavailable'],
  ])('with status %i and %s means %s', (status, body, kind) => {
    expect(refusal(status, body)).toMatchObject({ kind, status });
  });

  it('distinguishes a firewall from a blocked country, and never repeats the page', () => {
    expect(refusal(403, '<html>secret page</html>').message).toMatch(
      /firewall refuses this address \(403\); ask from another one, or through a proxy by HTTPS_PROXY$/,
    );
    expect(refusal(451, '{"code":0,"msg":"Service unavailable"}').message).toMatch(/country.*\(451\)/);
  });
});
