import startStores from '../../support/globalSetup.ts';
import { missingChromium } from './chromiumPath.ts';

/** Without a browser nothing is tested, and that must not look like success. */
export default async function globalSetup(): Promise<void> {
  const missing = missingChromium();
  if (missing !== null) {
    // A thrown error would bury the line under a stack.
    console.error(missing);
    process.exit(1);
  }
  await startStores();
}
