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

describe('where signing in leads', () => {
  const next = (path: string) => readNext(`?next=${encodeURIComponent(path)}`, ORIGIN);

  it('is the page that asked for it', () => {
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
  ])('is the dashboard where %j would lead elsewhere or nowhere', (path) => {
    expect(next(path)).toBe('/');
  });
});

describe('a pasted token', () => {
  it('may have blanks around it and "Bearer " before it', () => {
    expect(trimToken('  Bearer  aaa.bbb.ccc \n')).toBe('aaa.bbb.ccc');
    expect(trimToken('bearer aaa.bbb.ccc')).toBe('aaa.bbb.ccc');
  });

  it('is three parts of base64url', () => {
    expect(looksLikeToken('aaa.b-b_b.ccc')).toBe(true);
    for (const it of ['', 'aaa', 'aaa.bbb', 'aaa.bbb.ccc.ddd', 'aaa.b b.ccc', 'pro@example.com']) {
      expect(looksLikeToken(it)).toBe(false);
    }
  });
});

describe('what is pasted instead of a token', () => {
  it('is told by name when it is an API key, with what belongs here, and is not said again', () => {
    for (const key of ['oi_operator_c2VjcmV0', 'oi_ingest_c2VjcmV0', 'OI_LIVE_c2VjcmV0']) {
      const said = explainNoToken(key);
      expect(said).toMatch(/^That is an API key.*X-API-Key.*access token.*token command/);
      expect(said).not.toContain('c2VjcmV0');
    }
  });

  it('is otherwise only told to be none', () => {
    for (const it of ['', 'pro@example.com', 'koi_pond']) {
      expect(explainNoToken(it)).toBe('That does not look like an access token.');
    }
  });
});

const PAGE = { protocol: 'http:', hostname: 'oi.lan', host: 'oi.lan:3001', port: '3001' };

describe('why nobody was signed in', () => {
  const said = (code: string, status = 401, message = 'no') =>
    explainRefusal(new ApiError(message, { status, code }), PAGE);

  it('is said in the words of the fault', () => {
    expect(said('token_malformed')).toBe('That does not look like an access token.');
    expect(said('token_refused')).toBe('The server does not accept this token.');
    expect(said('token_revoked')).toBe('The server does not accept this token.');
    expect(said('demo_off', 403)).toBe('Demo sign-in is off on this server.');
    expect(said('not_ready', 503)).toBe('The server cannot sign anybody in now (HTTP 503). Try again.');
  });

  it('names the ways out where the page is not encrypted', () => {
    expect(said('https_needed', 403)).toBe(
      'http://oi.lan:3001 is not encrypted, so the browser would not keep the session. Open https://oi.lan, or ' +
        "http://localhost:3001 on the server's own machine. In a private network, ask the operator to set " +
        'AUTH_COOKIE_INSECURE=true.',
    );
  });

  it('tells since when a token has expired', () => {
    const message = 'This token has expired (at 2026-11-20T13:00:00.000Z); sign in again';
    const local = new Date('2026-11-20T13:00:00Z').toTimeString().slice(0, 8);
    expect(said('token_expired', 401, message)).toBe(`This token has expired (at ${local}).`);
    expect(said('token_expired', 401, 'no')).toBe('This token has expired.');
  });

  it('is that the server is not there', () => {
    const gone = new ApiError('gone', { status: null, code: 'unreachable' });
    expect(explainRefusal(gone, PAGE)).toBe(
      'The server cannot be reached. Check that it is running on port 3001.',
    );
    expect(explainRefusal(new TypeError('x'), { ...PAGE, port: '' })).toContain('port 80');
  });

  it('is told to who was sent here because a session ended, and to nobody else', () => {
    expect(explainArrival('?next=%2F&why=ended')).toBe('Your session has ended. Sign in again.');
    expect(explainArrival('?next=%2F')).toBeNull();
    expect(explainArrival('?why=<script>')).toBeNull();
  });
});
