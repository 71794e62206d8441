import { existsSync, readFileSync } from 'node:fs';
import leven from 'leven';
import type { Environment } from './env.ts';
import type { Logger } from './logger.ts';

type UnknownSetting = {
  name: string;
  /** The known name with the most similar spelling. */
  nearest: string;
  /** Whether it is too similar to be a setting of another program. */
  misspelled: boolean;
};

const MISSPELLED_WITHIN = 2;
/** Shorter names of two programs may be similar by chance. */
const DISTINCT_LENGTH = 8;

/** Variables of Kubernetes and Docker links for a service whose name starts like a setting. */
const OF_THE_PLATFORM = /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)/;

/**
 * Settings that no program reads and that are spelled like a known one: they share its first word, or differ by one or two
 * letters. `known` lists the names of all programs, because one file often serves several.
 */
export function findUnknownSettings(env: Environment, known: readonly string[]): UnknownSetting[] {
  const names = new Set(known);
  // NODE_ is Node's prefix, except for NODE_ENV.
  const prefixes = new Set(known.map(prefixOf).filter((it) => it !== 'NODE_'));
  return Object.keys(env).flatMap((name) => {
    if (names.has(name) || !name.includes('_') || OF_THE_PLATFORM.test(name)) return [];
    const [nearest, distance] = findNearest(name, known);
    const misspelled = nearest.length >= DISTINCT_LENGTH && distance <= MISSPELLED_WITHIN;
    return misspelled || prefixes.has(prefixOf(name)) ? [{ name, nearest, misspelled }] : [];
  });
}

/** The names in `.env.example`, which a test compares with those that the programs read. Empty if the file is missing. */
export function readKnownSettings(): string[] {
  const file = new URL('../../.env.example', import.meta.url);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Array.from(text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm), ([, name]) => name!);
}

export function warnOfUnknownSettings(env: Environment, logger: Logger): void {
  for (const { name, nearest } of findUnknownSettings(env, readKnownSettings())) {
    logger.warn({ setting: name, nearest }, 'unknown setting ignored; did you mean the nearest name?');
  }
}

/** `DATABASE_` of `DATABASE_URL`; a name of one word has no prefix. */
function prefixOf(name: string): string {
  return /^[^_]+_/.exec(name)?.[0] ?? name;
}

function findNearest(name: string, known: readonly string[]): [string, number] {
  let best: [string, number] = ['', Infinity];
  for (const candidate of known) {
    const distance = leven(name, candidate);
    if (distance < best[1]) best = [candidate, distance];
  }
  return best;
}
