import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseEnv } from '../../../src/kit/env.ts';
import { createTempDir } from '../../support/tempDir.ts';
import { withOpened } from '../../support/withOpened.ts';

const Settings = z.object({
  TOKEN: z.string('is needed').min(4, 'is too short'),
  URL: z.string().optional(),
  PORT: z.string().regex(/^\d+$/, 'must be a number').default('1'),
});
const SECRETS = ['TOKEN', 'URL'];

describe('a secret in a file', () => {
  const dir = withOpened(createTempDir, 'remove');
  const write = (text: string) => {
    const file = path.join(dir.path, 'secret');
    writeFileSync(file, text);
    return file;
  };

  it('is read like the setting itself, without its trailing line break', () => {
    expect(parseEnv(Settings, { TOKEN_FILE: write('a b c\n') }, SECRETS)).toEqual({
      TOKEN: 'a b c',
      PORT: '1',
    });
    expect(parseEnv(Settings, { TOKEN_FILE: write('a b c\r\n'), URL_FILE: ' ' }, SECRETS).TOKEN).toBe(
      'a b c',
    );
  });

  it.each([
    [
      'is set twice',
      () => ({ TOKEN: 'good', TOKEN_FILE: write('good') }),
      'cannot be set beside TOKEN; remove one of the two',
    ],
    [
      'is not there',
      () => ({ TOKEN_FILE: '/nowhere/token' }),
      '/nowhere/token cannot be read: ENOENT: no such file or directory',
    ],
    [
      'is a folder',
      () => ({ TOKEN_FILE: '/' }),
      '/ cannot be read: EISDIR: illegal operation on a directory',
    ],
  ])('is a fault with its name where it %s, beside every other fault', (_what, env, fault) => {
    expect(() => parseEnv(Settings, { ...env(), PORT: 'x' }, SECRETS)).toThrow(
      `These settings cannot be used:\n  TOKEN_FILE: ${fault}\n  PORT: must be a number\n`,
    );
  });

  it('is a fault when empty, and not reported as missing too', () => {
    const file = write('\n');
    expect(() => parseEnv(Settings, { TOKEN_FILE: file }, SECRETS)).toThrow(
      `These settings cannot be used:\n  TOKEN_FILE: ${file} is empty\nSee`,
    );
  });

  it('A10 is validated like the setting, and not repeated', () => {
    expect(() => parseEnv(Settings, { TOKEN_FILE: write('abc') }, SECRETS)).toThrow(
      /\n {2}TOKEN: is too short\n(?!.*abc)/,
    );
  });
});
