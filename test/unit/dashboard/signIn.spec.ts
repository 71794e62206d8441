import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../../src/dashboard/live/api.ts';
import { readNext } from '../../../src/dashboard/signIn/next.ts';
import {
  explainArrival,
  explainNoToken,
  explainRefusal,
  looksLikeToken,
  trimToken,
} from '../../../src/dashboard/signIn/signInWords.ts';

const ORIGIN = 'http://localhost:3001';

describe('target after sign-in', () => {
  const next = (path: string) => readNext(`?next=${encodeURIComponent(path)}`, ORIGIN);

  it('is the page that requested it', () => {
    expect(next('/')).toBe('/');
    expect(next('/?s=BTCUSDT&range=24h')).toBe('/?s=BTCUSDT&range=24h');
    expect(next('/debug/open-interest?requests=errors#requests')).toBe(
      '/debug/open-interest?requests=errors#requests',
    );
    expect(readNext('', ORIGIN)).toBe('/');
  });

  it.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    'evil.example',
    ' //evil.example',
    '',
    '/sign-in?next=%2F',
  ])('is the dashboard where %j would leave the site', (path) => {
    expect(next(path)).toBe('/');
  });
});

describe('a pasted token', () => {
  it('may have surrounding blanks and a "Bearer " prefix', () => {
    expect(trimToken('  Bearer  aaa.bbb.ccc \n')).toBe('aaa.bbb.ccc');
    expect(trimToken('bearer aaa.bbb.ccc')).toBe('aaa.bbb.ccc');
  });

  it('has three parts of base64url', () => {
    expect(looksLikeToken('aaa.b-b_b.ccc')).toBe(true);
    for (const it of ['', 'aaa', 'aaa.bbb', 'aaa.bbb.ccc.ddd', 'aaa.b b.ccc', 'pro@example.com']) {
      expect(looksLikeToken(it)).toBe(false);
    }
  });
});

describe('text pasted instead of a token', () => {
  it('is identified as an API key without repeating it, with the token command', () => {
    for (const key of ['oi_operator_c2VjcmV0', 'oi_ingest_c2VjcmV0', 'OI_LIVE_c2VjcmV0']) {
      const explained = explainNoToken(key);
      expect(explained).toMatch(/^That is an API key.*X-API-Key.*access token.*token command/);
      expect(explained).not.toContain('c2VjcmV0');
    }
  });

  it('is otherwise only called no token', () => {
    for (const it of ['', 'pro@example.com', 'koi_pond']) {
      expect(explainNoToken(it)).toBe('That does not look like an access token.');
    }
  });
});

const PAGE = { protocol: 'http:', hostname: 'oi.lan', host: 'oi.lan:3001', port: '3001' };

describe('reason of a failed sign-in', () => {
  const explained = (code: string, status = 401, message = 'no') =>
    explainRefusal(new ApiError(message, { status, code }), PAGE);

  it('is a sentence for each code', () => {
    expect(explained('token_malformed')).toBe('That does not look like an access token.');
    expect(explained('token_refused')).toBe('The server does not accept this token.');
    expect(explained('token_revoked')).toBe('The server does not accept this token.');
    expect(explained('demo_off', 403)).toBe('Demo sign-in is off on this server.');
    expect(explained('not_ready', 503)).toBe('The server cannot sign you in now (HTTP 503). Try again.');
  });

  it('names the alternatives where the page is not encrypted', () => {
    expect(explained('https_needed', 403)).toBe(
      'http://oi.lan:3001 is not encrypted, so the browser would not keep the session. Open https://oi.lan, or ' +
        "http://localhost:3001 on the server's own machine. In a private network, ask the operator to set " +
        'AUTH_COOKIE_INSECURE=true.',
    );
  });

  it('reports since when a token has expired', () => {
    const message = 'This token has expired (at 2026-11-20T13:00:00.000Z); sign in again';
    const local = new Date('2026-11-20T13:00:00Z').toTimeString().slice(0, 8);
    expect(explained('token_expired', 401, message)).toBe(`This token has expired (at ${local}).`);
    expect(explained('token_expired', 401, 'no')).toBe('This token has expired.');
  });

  it('is that the server is unreachable', () => {
    const gone = new ApiError('gone', { status: null, code: 'unreachable' });
    expect(explainRefusal(gone, PAGE)).toBe(
      'The server cannot be reached. Check that it is running on port 3001.',
    );
    expect(explainRefusal(new TypeError('x'), { ...PAGE, port: '' })).toContain('port 80');
  });

  it('is shown after an ended session, and never otherwise', () => {
    expect(explainArrival('?next=%2F&why=ended')).toBe('Your session has ended. Sign in again.');
    expect(explainArrival('?next=%2F')).toBeNull();
    expect(explainArrival('?why=<script>')).toBeNull();
  });
});
