import { useEffect, useState } from 'react';
import type { z } from 'zod';
import { getJson } from './api.ts';

/** What a route answers, asked once; `null` until it has, and when it cannot be had. `schema` must stay the same. */
export function useRead<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  const [answer, setAnswer] = useState<z.output<Schema> | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    getJson(path, schema, abort.signal).then(setAnswer, () => undefined);
    return () => abort.abort();
  }, [path, schema]);
  return answer;
}
