import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../src/kit/commands.ts';

const BUILT = pathToFileURL(path.resolve('dist/kit/commands.js')).href;

describe('command named in messages', () => {
  it('is the npm script when run from sources', () => {
    expect(commandLine('migrate')).toBe('npm run migrate');
    expect(commandLine('token', ['--tier', 'pro'])).toBe('npm run token -- --tier pro');
  });

  it('is the built file when run from it, relative to the working directory, and needs no development package', () => {
    expect(commandLine('migrate', [], BUILT)).toBe('node dist/server/migrate.js');
    expect(commandLine('collector', ['poller'], BUILT)).toBe('node dist/collector/main.js poller');
    const elsewhere = pathToFileURL('/opt/oi/dist/kit/commands.js').href;
    expect(path.resolve(commandLine('token', [], elsewhere).replace(/^node /, ''))).toBe(
      '/opt/oi/dist/server/token.js',
    );
  });
});
