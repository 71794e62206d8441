import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A directory of a spec's own; `remove` takes it away with all that is in it. */
export function createTempDir(): { path: string; remove(): void } {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'oi-spec-'));
  return { path: dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
