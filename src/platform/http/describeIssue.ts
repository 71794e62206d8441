import type { z } from 'zod';

/**
 * The message of an issue whose schema has none. Zod's own messages name types of TypeScript; these name what JSON to send,
 * for operators of pollers.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.input === undefined ? 'is missing; ' : ''}must be ${nameOf(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values
        .map(String)
        .join(', ')
        .replace(/, (?=[^,]*$)/, ' or ')}`;
    case 'invalid_union':
      return describeUnion(issue.errors);
    case 'too_small':
      return describeBound('at least', 'above', Number(issue.minimum), issue);
    case 'too_big':
      return describeBound('at most', 'below', Number(issue.maximum), issue);
    case 'invalid_format':
      return FORMATS[issue.format] ?? `must match ${String(issue['pattern'])}`;
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    // Not used by our schemas, or always with a message.
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
      return undefined;
  }
}

/** `symbols[1].name` */
export function describePath(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'must be ISO 8601 with date, time and zone, such as 2026-11-20T14:00:00Z',
};

function nameOf(expected: string): string {
  return NAMES[expected] ?? expected;
}

function describeUnion(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const wanted = errors.flatMap((issues) =>
    issues.flatMap((it) => (it.code === 'invalid_type' && it.path.length === 0 ? nameOf(it.expected) : [])),
  );
  return wanted.length === 0 ? 'has an unsupported type' : `must be ${wanted.join(', or ')}`;
}

function describeBound(
  inclusiveWord: string,
  exclusiveWord: string,
  bound: number,
  issue: { origin: string; inclusive?: boolean | undefined },
): string {
  if (issue.origin === 'string') return `must have ${inclusiveWord} ${plural(bound, 'character')}`;
  if (issue.origin === 'array') return `must have ${inclusiveWord} ${plural(bound, 'item')}`;
  return `must be ${issue.inclusive === false ? exclusiveWord : inclusiveWord} ${bound}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
