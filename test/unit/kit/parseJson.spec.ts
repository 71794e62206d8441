import { describe, expect, it } from '@jest/globals';
import { parseJson } from '../../../src/kit/parseJson.ts';

describe('parseJson', () => {
  it.each([
    ['{"a":[1,null]}', { a: [1, null] }],
    ['0', 0],
    ['null', null],
  ])('parses %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(['', '{"a":', 'NaN', '{} {}', '<html>'])('returns undefined for %j', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});
