import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { findTool } from './installedTool.ts';

/** Writes a certificate for `names` that is its own authority into the folder, and its key. Returns the paths. */
export function createCertificate(folder: string, names: string): { cert: string; key: string } {
  const cert = path.join(folder, 'cert.pem');
  const key = path.join(folder, 'key.pem');
  const args = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=${names}`;
  execFileSync(findTool('openssl'), [...args.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
