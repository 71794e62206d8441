import { existsSync } from 'node:fs';

/** Debian's, unless the environment names another. */
export const CHROMIUM_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** What to do about it when there is no browser; `null`: there is one. */
export function missingChromium(): string | null {
  return existsSync(CHROMIUM_PATH)
    ? null
    : `No Chromium at ${CHROMIUM_PATH}: apt-get install chromium, or set CHROMIUM_PATH to one.`;
}
