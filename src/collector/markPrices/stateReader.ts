import fs from 'node:fs/promises';
import { describeError } from '../../kit/errors.ts';
import { parseOptionalStateFile, type PriceState } from './stateFile.ts';

/**
 * Reads the prices that another program writes. A missing or incomplete file changes nothing: each price has its own age
 * and expires.
 */
export function createStateReader(options: { file: string; onState: (state: PriceState) => void }) {
  const { file, onState } = options;
  let readVersion: string | null = null;
  let fault: string | null = `${file} has not been read yet`;

  /** Reads the file if it has changed. Never rejects. */
  async function read(): Promise<void> {
    try {
      const version = await versionOf(file);
      if (version === readVersion) return;
      const state = parseOptionalStateFile(await fs.readFile(file, 'utf8'));
      if (state === null) {
        fault = `${file} is torn or no price file`;
        return;
      }
      readVersion = version;
      fault = null;
      onState(state);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      const reason = code === 'ENOENT' ? 'is not there' : `cannot be read: ${describeError(thrown)}`;
      fault = `${file} ${reason}`;
    }
  }

  return { read /** What is wrong with the file; `null`: nothing. */, fault: () => fault };
}

/** Changes when the file is replaced, rewritten in place or extended. */
async function versionOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await fs.stat(file, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
