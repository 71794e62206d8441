import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COLLECTOR_SECRETS, CollectorEnv, parseCollectorConfig } from '../../src/collector/config.ts';
import { SERVER_SECRETS, ServerEnv, parseServerConfig } from '../../src/server/config.ts';
import { parseSimulatorConfig } from '../../src/simulator/config.ts';

const TEXT = readFileSync(path.resolve(import.meta.dirname, '../../.env.example'), 'utf8');
const EXAMPLE = Object.fromEntries(
  Array.from(TEXT.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm), ([, name = '', value = '']) => [name, value]),
);

describe('.env.example', () => {
  it('lists every setting that is read, and no other', () => {
    const files = [...SERVER_SECRETS, ...COLLECTOR_SECRETS].map((it) => `${it}_FILE`);
    const known = [...Object.keys(ServerEnv.shape), ...Object.keys(CollectorEnv.shape), ...files];
    const listed = Object.keys(EXAMPLE).filter((name) => !name.startsWith('SIMULATOR_'));
    expect(listed.toSorted()).toEqual([...new Set(known)].toSorted());
  });

  it('is equivalent to no settings at all', () => {
    expect(parseServerConfig(EXAMPLE)).toEqual(parseServerConfig({}));
    expect(parseCollectorConfig(EXAMPLE, { posts: false })).toEqual(
      parseCollectorConfig({}, { posts: false }),
    );
    // The simulator has a quieter default log level than the others.
    expect(parseSimulatorConfig({ ...EXAMPLE, LOG_LEVEL: '' })).toEqual(parseSimulatorConfig({}));
  });

  it('explains each setting in the line above it', () => {
    const unexplained = Object.keys(EXAMPLE).filter(
      (name) => !new RegExp(`^# .+\\n${name}=`, 'm').test(TEXT),
    );
    expect(unexplained).toEqual([]);
  });
});
