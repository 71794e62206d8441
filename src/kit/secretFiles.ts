import { readFileSync } from 'node:fs';
import { coerceError } from './errors.ts';

/**
 * Reads secrets from files, as provided by container platforms and systemd credentials: `NAME_FILE` is the path of a file
 * with the value of `NAME`, without the trailing line break. `faults` are by setting.
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
