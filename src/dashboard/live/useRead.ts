import { useEffect, useState } from 'react';
import type { z } from 'zod';
import { getJson } from './api.ts';

/**
 * What a route answers, asked once, or again after each `everyMs`; `null` until it has answered. A later answer that cannot
 * be had leaves the last one. `schema` must stay the same.
 */
export function useRead<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  everyMs?: number,
): z.output<Schema> | null {
  const [answer, setAnswer] = useState<z.output<Schema> | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const read = (): unknown => getJson(path, schema, abort.signal).then(setAnswer, () => undefined);
    const timer = everyMs === undefined ? undefined : setInterval(read, everyMs);
    read();
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [path, schema, everyMs]);
  return answer;
}
