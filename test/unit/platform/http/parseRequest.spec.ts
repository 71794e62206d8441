import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ValidationError } from '../../../../src/kit/errors.ts';
import { parsePart } from '../../../../src/platform/http/parseRequest.ts';

/** The details of a refused request. */
function faultsOf(schema: z.ZodType, value: unknown, part: 'body' | 'query' | 'path' = 'body') {
  try {
    parsePart(schema, value, part);
  } catch (thrown) {
    if (thrown instanceof ValidationError) return thrown.details;
    throw thrown;
  }
  return [];
}

const limit = z.coerce.number().int().min(1).max(200);

describe('an invalid request', () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ['missing text', z.string(), undefined, 'is missing; must be text'],
    ['a number for text', z.string(), 5, 'must be text'],
    ['two values for one', z.string(), ['a', 'b'], 'must be text'],
    ['no number', limit, 'abc', 'must be a number'],
    ['infinity', z.number(), Infinity, 'must be a number'],
    ['half of something', limit, '1.5', 'must be a whole number'],
    ['too little', limit, '0', 'must be at least 1'],
    ['too much', limit, '201', 'must be at most 200'],
    ['nothing of what must be more', z.number().positive(), 0, 'must be above 0'],
    ['nothing of what must be less', z.number().lt(9), 9, 'must be below 9'],
    ['text too short', z.string().min(1), '', 'must have at least 1 character'],
    ['text too long', z.string().max(3), 'four', 'must have at most 3 characters'],
    ['too many', z.array(z.number()).max(2), [1, 2, 3], 'must have at most 2 items'],
    ['none of the words', z.enum(['text', 'json']), 'xml', 'must be text or json'],
    ['none of several words', z.enum(['up', 'slow', 'down']), 'x', 'must be up, slow or down'],
    ['another constant', z.literal(true), false, 'must be true'],
    [
      'a day without a time',
      z.iso.datetime({ offset: true }),
      '2026-11-20',
      'must be ISO 8601 with date, time and zone, such as 2026-11-20T14:00:00Z',
    ],
    ['what does not look so', z.string().regex(/^a$/), 'b', 'must match /^a$/'],
    ['unknown fields', z.strictObject({}), { b: 1, c: 2 }, 'has unknown fields: b, c'],
    ['neither of two', z.union([z.number(), z.boolean()]), 'x', 'must be a number, or true or false'],
    ['no list', z.array(z.number()), {}, 'must be a list'],
    ['no object', z.object({}), null, 'must be an object'],
    ['words of the schema itself', z.string('must be a name'), 5, 'must be a name'],
  ])('is answered with what would be valid: %s', (_, schema, value, message) => {
    expect(faultsOf(z.object({ field: schema }), { field: value })).toEqual([{ path: 'field', message }]);
  });

  it('names the field by its path, with a question mark for the query', () => {
    const schema = z.object({ symbols: z.array(z.object({ name: z.string() })) });
    const paths = (value: unknown, part?: 'body' | 'query') =>
      faultsOf(schema, value, part)?.map((it) => it.path);
    expect(paths({ symbols: [{ name: 'a' }, {}] })).toEqual(['symbols[1].name']);
    expect(paths({}, 'query')).toEqual(['?symbols']);
    expect(paths(null)).toEqual(['body']);
  });
});
