import { describe, expect, it } from '@jest/globals';
import { describeProxy, selectProxy } from '../../../../src/collector/outbound/proxies.ts';
import { SettingsError } from '../../../../src/kit/env.ts';

const REST = 'https://fapi.binance.com/fapi/v1/openInterest';
const STREAM = 'wss://fstream.binance.com/market/ws';
const PROXY = 'http://proxy.example:3128';

function through(env: Record<string, string>, target = REST): string | null {
  return selectProxy(env, target)?.url.href ?? null;
}

describe('proxy from the environment', () => {
  it.each([
    ['https by HTTPS_PROXY', { HTTPS_PROXY: PROXY }, REST, true],
    ['wss by HTTPS_PROXY', { HTTPS_PROXY: PROXY }, STREAM, true],
    ['http by HTTP_PROXY', { HTTP_PROXY: PROXY }, 'http://oi.example', true],
    ['ws by HTTP_PROXY', { HTTP_PROXY: PROXY }, 'ws://oi.example', true],
    ['https not by HTTP_PROXY', { HTTP_PROXY: PROXY }, REST, false],
    ['http not by HTTPS_PROXY', { HTTPS_PROXY: PROXY }, 'http://oi.example', false],
    ['all by ALL_PROXY', { ALL_PROXY: PROXY }, STREAM, true],
    ['lower case', { https_proxy: PROXY }, REST, true],
    ['none by an empty one', { HTTPS_PROXY: ' ' }, REST, false],
    ['none without', {}, REST, false],
  ])('reaches %s', (_what, env, target, proxied) => {
    expect(through(env, target)).toBe(proxied ? `${PROXY}/` : null);
  });

  it('prefers the variable of the scheme, and lower case', () => {
    expect(
      through({ ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }),
    ).toBe('http://lower:1/');
  });

  it('assumes http for an address without a scheme, as curl does', () => {
    expect(through({ HTTPS_PROXY: 'proxy.example:3128' })).toBe(`${PROXY}/`);
  });

  it.each([
    'http://localhost:3001',
    'http://127.0.0.1:3001',
    'http://127.8.8.8',
    'http://[::1]:3001',
    'ws://a.localhost',
  ])('is never used for %s, which is this machine', (target) => {
    expect(through({ ALL_PROXY: PROXY }, target)).toBeNull();
  });

  it.each([
    ['*', true],
    ['binance.com', true],
    ['.binance.com', true],
    ['*.binance.com', true],
    ['other.example, FAPI.binance.com', true],
    ['other.example fapi.binance.com:443', true],
    ['fapi.binance.com:8443', false],
    ['nance.com', false],
    ['api.binance.com', false],
    [',', false],
  ])('NO_PROXY=%s connects to the exchange directly: %s', (noProxy, direct) => {
    expect(through({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy })).toBe(direct ? null : `${PROXY}/`);
  });

  it('matches IPv6 addresses in NO_PROXY, with and without a port', () => {
    const target = 'http://[2001:db8::5]:3001';
    expect(through({ HTTP_PROXY: PROXY, NO_PROXY: '[2001:db8::5]' }, target)).toBeNull();
    expect(through({ HTTP_PROXY: PROXY, NO_PROXY: '[2001:db8::5]:3001' }, target)).toBeNull();
    expect(through({ HTTP_PROXY: PROXY, NO_PROXY: '[2001:db8::6]' }, target)).toBe(`${PROXY}/`);
  });

  it.each(['socks5://user:secret@proxy.example:1080', 'http://', 'ftp://proxy.example'])(
    'rejects %s with the name of its setting and without its password',
    (value) => {
      const select = () => selectProxy({ ALL_PROXY: value }, REST);
      expect(select).toThrow(SettingsError);
      expect(select).toThrow(/^ALL_PROXY must be the address of an HTTP proxy/);
      expect(select).not.toThrow(/secret/);
    },
  );

  it('is described without user and password', () => {
    const proxy = selectProxy({ https_proxy: 'http://user:secret@proxy.example:3128' }, REST)!;
    expect(describeProxy(proxy)).toBe('http://proxy.example:3128 (https_proxy)');
  });
});
