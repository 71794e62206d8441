import type { Request, RequestHandler, Response } from 'express';
import { coerceError } from '../../kit/errors.ts';

/** Awaits an Express middleware. Never settles if the middleware responds itself instead of calling `next`. */
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
