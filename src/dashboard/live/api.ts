import { z } from 'zod';

/** The server answered with a refusal, or what it answered cannot be read. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `null`: there was no answer. */
  readonly status: number | null;
  readonly code: string;
  readonly requestId: string | null;

  constructor(message: string, given: { status: number | null; code: string; requestId?: string | null }) {
    super(message);
    this.status = given.status;
    this.code = given.code;
    this.requestId = given.requestId ?? null;
  }
}

const Refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), requestId: z.string().optional() }),
});

/** Reads JSON of our own server; the session travels in its cookie. */
export async function getJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  signal?: AbortSignal,
): Promise<z.output<Schema>> {
  return request(path, schema, signal ? { signal } : {});
}

export async function postJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body: unknown,
): Promise<z.output<Schema>> {
  const headers = { 'Content-Type': 'application/json' };
  return request(path, schema, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function request<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: RequestInit,
): Promise<z.output<Schema>> {
  const response = await send(path, options);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalOf(response, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError('The answer cannot be read', { status: response.status, code: 'unreadable' });
}

async function send(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...options });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw new ApiError('The server cannot be reached', { status: null, code: 'unreachable' });
  }
}

function refusalOf(response: Response, body: unknown): ApiError {
  const { status } = response;
  const refusal = Refusal.safeParse(body);
  if (!refusal.success) return new ApiError(`HTTP ${status}`, { status, code: 'unknown' });
  const { code, message, requestId = null } = refusal.data.error;
  return new ApiError(message, { status, code, requestId });
}
