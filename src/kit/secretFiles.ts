import { readFileSync } from 'node:fs';
import { coerceError } from './errors.ts';

/**
 * Secrets that stand in files, as container platforms and systemd's credentials hand them over: `NAME_FILE` names the
 * file that holds the value of `NAME`, less the line break at its end. `faults` are by the setting's name.
 */
export function readSecretFiles(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): { values: Record<string, string>; faults: Map<string, string> } {
  const values: Record<string, string> = {};
  const faults = new Map<string, string>();
  for (const name of names) {
    const file = env[`${name}_FILE`];
    if (file === undefined) continue;
    if (env[name] !== undefined) {
      faults.set(name, `cannot be set beside ${name}; remove one of the two`);
      continue;
    }
    try {
      const value = readFileSync(file, 'utf8').trimEnd();
      if (value === '') faults.set(name, `${file} is empty`);
      else values[name] = value;
    } catch (thrown) {
      faults.set(name, `${file} cannot be read: ${coerceError(thrown).message.split(',')[0]}`);
    }
  }
  return { values, faults };
}
