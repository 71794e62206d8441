import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from './env.ts';

/** Makes the folder if it is not there. Throws, by the name of its setting, when this account may not write in it. */
export function requireWritableFolder(setting: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    const { code = 'unknown fault' } = thrown as NodeJS.ErrnoException;
    throw new SettingsError(
      `${setting}: this account cannot write in ${path.resolve(folder)} (${code}); ` +
        `make the folder writable, or set ${setting} to another one`,
      { cause: thrown },
    );
  }
}
