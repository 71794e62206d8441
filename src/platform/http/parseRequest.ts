import type { z } from 'zod';
import { ValidationError } from '../../kit/errors.ts';
import { describeIssue, describePath } from './describeIssue.ts';

/** Parses one part of a request. The error lists every invalid field with the reason. */
export function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: 'body' | 'query' | 'path' | 'header',
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: describeIssue });
  if (parsed.success) return parsed.data;
  const prefix = part === 'query' ? '?' : '';
  const details = parsed.error.issues.map((issue) => ({
    path: `${prefix}${describePath(issue.path)}` || part,
    message: issue.message,
  }));
  const fields = [...new Set(details.map((it) => it.path))].join(', ');
  throw new ValidationError(`Invalid ${part}: ${fields}`, { code: `invalid_${part}`, details });
}
