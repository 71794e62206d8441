import { afterAll } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { CHROMIUM_PATH } from './chromiumPath.ts';

/** As root there is no sandbox; nothing that Chromium does of its own accord belongs into a test. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let launched: Promise<Browser> | undefined;

/** The browser of this spec file. It is closed after the file's last case. */
export function openChromium(): Promise<Browser> {
  launched ??= launchChromium();
  return launched;
}

/** Another browser, with flags of its own. The caller closes it. */
export function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: [...FLAGS, ...flags] });
}

afterAll(async () => {
  const browser = await launched;
  await browser?.close();
});
