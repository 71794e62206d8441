import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SettingsError, commaList, onOff, parseEnv, wholeNumber } from '../../../src/kit/env.ts';

const Settings = z.object({
  PORT: wholeNumber(1, 65_535).default(3_001),
  NEEDED: z.string(),
  SWITCH: onOff().default(true),
  KEYS: commaList().default([]),
  SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
});

function faultsOf(env: Record<string, string | undefined>): string {
  try {
    parseEnv(Settings, env);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SettingsError);
    return (thrown as Error).message;
  }
  throw new Error('the settings were taken');
}

describe('parseEnv', () => {
  it('D5 reports every fault at once, by setting', () => {
    const message = faultsOf({ PORT: 'http', SWITCH: 'yes', SECRET: 'short' });
    expect(message.split('\n')).toEqual([
      'These settings cannot be used:',
      '  PORT: must be a whole number from 1 to 65535',
      '  NEEDED: Invalid input: expected string, received undefined',
      '  SWITCH: must be true or false',
      '  SECRET: must be at least 32 characters',
      'See .env.example for every setting.',
    ]);
  });

  it('A10 does not repeat a refused value', () => {
    const message = faultsOf({
      NEEDED: 'x',
      SECRET: 'hunter2-hunter2',
      PORT: '99999999',
      SWITCH: 'maybe-secret',
    });
    for (const value of ['hunter2', '99999999', 'maybe-secret']) expect(message).not.toContain(value);
  });

  it.each(['', ' ', '\t', undefined])('treats %j as absent', (empty) => {
    expect(parseEnv(Settings, { NEEDED: 'x', PORT: empty, SWITCH: empty, KEYS: empty })).toEqual({
      PORT: 3_001,
      NEEDED: 'x',
      SWITCH: true,
      KEYS: [],
    });
    expect(faultsOf({ NEEDED: empty })).toContain('NEEDED');
  });

  it('drops other variables, without modifying its input', () => {
    const env = Object.freeze({ NEEDED: 'x', PATH: '/bin' });
    expect(parseEnv(Settings, env)).not.toHaveProperty('PATH');
  });
});

describe('wholeNumber', () => {
  it.each([
    ['1', 1],
    ['65535', 65_535],
    ['0080', 80],
  ])('accepts %s', (given, value) => {
    expect(parseEnv(Settings, { NEEDED: 'x', PORT: given }).PORT).toBe(value);
  });

  it.each([
    '0',
    '65536',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '3001 ',
    '3001;',
    '１２',
    '9'.repeat(400), // more than a number can represent
  ])('D5 refuses %s instead of using the default', (given) => {
    expect(faultsOf({ NEEDED: 'x', PORT: given })).toMatch(/^ {2}PORT: must be [^\n]+$/m);
  });
});

describe('onOff', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %s', (given, value) => {
    expect(parseEnv(Settings, { NEEDED: 'x', SWITCH: given }).SWITCH).toBe(value);
  });

  it.each(['TRUE', 'yes', 'on', '2'])('D5 refuses %s instead of guessing', (given) => {
    expect(faultsOf({ NEEDED: 'x', SWITCH: given })).toContain('SWITCH: must be true or false');
  });
});

describe('commaList', () => {
  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a , b ,', ['a', 'b']],
    [',,', []],
  ])('reads %j', (given, list) => {
    expect(parseEnv(Settings, { NEEDED: 'x', KEYS: given }).KEYS).toEqual(list);
  });
});
