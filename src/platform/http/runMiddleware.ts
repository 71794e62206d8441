import type { Request, RequestHandler, Response } from 'express';
import { coerceError } from '../../kit/errors.ts';

/** An Express middleware as a step that can be awaited. It must call `next`: one that answers itself never settles. */
export function runMiddleware(
  middleware: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (thrown?: unknown): void => {
      if (thrown === undefined) resolve();
      else reject(coerceError(thrown));
    };
    void middleware(request, response, next);
  });
}
