import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A private directory for a spec; `remove` deletes it with its contents. */
export function createTempDir(): { path: string; remove(): void } {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'oi-spec-'));
  return { path: dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
