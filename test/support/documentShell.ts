import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** `curl` as the reader has it, and behind each answer the status on the error channel. */
const SHELL = `set -euo pipefail
curl() { command curl "$@" --write-out '%{stderr}HTTP %{http_code}\\n'; }
`;

/** Runs a command of a document as a reader would, and returns its output with the status of each response. */
export async function runDocumentBlock(
  code: string,
  environment: Record<string, string>,
): Promise<{ stdout: string; statuses: string[] }> {
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', SHELL + code], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    timeout: 60_000,
    maxBuffer: 16 * 1_024 * 1_024,
  });
  return { stdout, statuses: Array.from(stderr.matchAll(/^HTTP (\d{3})$/gm), (match) => match[1]!) };
}
