import { expect } from '@jest/globals';

/** Whatever the document shows is there, as the same kind of value; the values themselves are of their day. */
export function expectToHold(actual: unknown, shown: unknown, where: string): void {
  expect({ where, kind: kindOf(actual, shown) }).toEqual({ where, kind: kindOf(shown, actual) });
  if (Array.isArray(shown) && Array.isArray(actual)) {
    if (shown.length > 0) expectToHold(actual[0], shown[0], `${where}[0]`);
  } else if (isObject(shown) && isObject(actual)) {
    for (const [key, value] of Object.entries(shown)) expectToHold(actual[key], value, `${where}.${key}`);
  }
}

/** A value that may be absent or present counts as one kind. */
function kindOf(value: unknown, other: unknown): string {
  if (value === null || other === null) return value === undefined || other === undefined ? 'absent' : 'any';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
