import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from './env.ts';

/** Creates the folder unless it exists. Throws with the name of the setting if this account cannot write to it. */
export function requireWritableFolder(setting: string, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (thrown) {
    const { code = 'unknown fault' } = thrown as NodeJS.ErrnoException;
    throw new SettingsError(
      `${setting}: this account cannot write to ${path.resolve(folder)} (${code}); ` +
        `make the folder writable, or set ${setting} to another one`,
      { cause: thrown },
    );
  }
}
