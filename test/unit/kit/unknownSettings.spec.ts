import { describe, expect, it } from '@jest/globals';
import { findUnknownSettings, readKnownSettings } from '../../../src/kit/unknownSettings.ts';

const KNOWN = readKnownSettings();

describe('unknown settings', () => {
  it.each([
    ['TRUST_PROXY_HOP', 'TRUST_PROXY_HOPS'],
    ['INGEST_API_KEY', 'INGEST_API_KEYS'],
    ['OI_RETENTION_DAY', 'OI_RETENTION_DAYS'],
    ['VOLSPIKE_API_KEYS', 'VOLSPIKE_API_KEY'],
    ['REDIS_URI', 'REDIS_URL'],
    ['ALOWED_ORIGINS', 'ALLOWED_ORIGINS'],
    ['OPERATOR_API_KEYS_FILES', 'OPERATOR_API_KEYS_FILE'],
  ])('%s is a misspelled %s', (name, nearest) => {
    expect(findUnknownSettings({ [name]: '1' }, KNOWN)).toEqual([{ name, nearest, misspelled: true }]);
  });

  it('are reported with the nearest known one when they share our prefixes', () => {
    expect(findUnknownSettings({ DATABASE_POOL_SIZE: '5' }, KNOWN)).toEqual([
      { name: 'DATABASE_POOL_SIZE', nearest: 'DATABASE_POOL_MAX', misspelled: false },
    ]);
  });

  it('exclude those of platforms, shells and Node', () => {
    const env = Object.fromEntries(
      [
        'PATH',
        'HOME',
        'HOSTNAME',
        'LANG',
        'NODE_OPTIONS',
        'NODE_EXTRA_CA_CERTS',
        'TZ',
        'npm_config_cache',
        'LC_ALL',
      ]
        .concat([
          'REDIS_SERVICE_HOST',
          'REDIS_PORT_6379_TCP_ADDR',
          'INVOCATION_ID',
          'NOTIFY_SOCKET',
          'JOURNAL_STREAM',
        ])
        .concat([
          'HTTPS_PROXY',
          'NO_PROXY',
          'SSL_CERT_FILE',
          'STATE_DIRECTORY',
          'CREDENTIALS_DIRECTORY',
          'XDG_DATA_HOME',
        ])
        .map((name) => [name, 'x']),
    );
    expect(findUnknownSettings(env, KNOWN)).toEqual([]);
  });

  it('exclude those in .env.example', () => {
    expect(KNOWN.length).toBeGreaterThan(60);
    expect(findUnknownSettings(Object.fromEntries(KNOWN.map((name) => [name, ''])), KNOWN)).toEqual([]);
  });
});
