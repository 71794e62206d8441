import fs from 'node:fs';
import path from 'node:path';
import { SettingsError } from '../kit/env.ts';
import type { DemoOptions } from './demo.config.ts';

const FILE = 'market.json';

/**
 * A folder belongs to one market: the history of another would show jumps that nobody traded, and symbols that nobody
 * polls any more.
 */
export function claimDataDir(dataDir: string, options: DemoOptions): void {
  const file = path.join(dataDir, FILE);
  const market = JSON.stringify(options);
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.writeFileSync(file, `${market}\n`);
    return;
  }
  const held = fs.readFileSync(file, 'utf8').trim();
  if (held === market) return;
  throw new SettingsError(
    `${dataDir} holds another market: ${held}, not ${market}. Delete it, or set DATA_DIR to another folder.`,
  );
}
