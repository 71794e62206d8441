import { z } from 'zod';

/** The server answered with a refusal, or what it answered cannot be read. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `null`: there was no answer. */
  readonly status: number | null;
  readonly code: string;
  readonly requestId: string | null;
  /** Each faulty field of what was sent. */
  readonly details: readonly Detail[];

  constructor(
    message: string,
    given: { status: number | null; code: string; requestId?: string | null; details?: readonly Detail[] },
  ) {
    super(message);
    this.status = given.status;
    this.code = given.code;
    this.requestId = given.requestId ?? null;
    this.details = given.details ?? [];
  }
}

const Detail = z.object({ path: z.string(), message: z.string() });
type Detail = z.infer<typeof Detail>;

const Refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string().optional(),
    details: z.array(Detail).optional(),
  }),
});

/** Reads JSON of our own server; the session travels in its cookie. */
export async function getJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  signal?: AbortSignal,
): Promise<z.output<Schema>> {
  return request(path, schema, signal ? { signal } : {});
}

/** An answer without a body is `null`. `ifMatch` is the entity tag of what is replaced. */
export async function sendJson<Schema extends z.ZodType>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  schema: Schema,
  { body, ifMatch }: { body?: unknown; ifMatch?: string } = {},
): Promise<z.output<Schema>> {
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
  };
  return request(path, schema, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Each line of a stream of JSON lines as it arrives. Ends when the server ends it, or with `signal`. */
export async function* postForLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<z.output<Schema>> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await send(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (!response.ok) throw refusalOf(response, await response.json().catch(() => null));
  // Not every browser iterates a stream.
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read().catch(throwLost);
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield schema.parse(JSON.parse(line));
  }
}

async function request<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: RequestInit,
): Promise<z.output<Schema>> {
  const response = await send(path, options);
  const body: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
  if (!response.ok) throw refusalOf(response, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ApiError('The answer cannot be read', { status: response.status, code: 'unreadable' });
}

function send(path: string, options: RequestInit): Promise<Response> {
  return fetch(path, { credentials: 'same-origin', ...options }).catch(throwLost);
}

/** Browsers have words of their own for a connection that fails. */
function throwLost(thrown: unknown): never {
  if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
  throw new ApiError('The server cannot be reached', { status: null, code: 'unreachable' });
}

function refusalOf(response: Response, body: unknown): ApiError {
  const { status } = response;
  const refusal = Refusal.safeParse(body);
  if (!refusal.success) return new ApiError(`HTTP ${status}`, { status, code: 'unknown' });
  const { code, message, requestId = null, details = [] } = refusal.data.error;
  return new ApiError(message, { status, code, requestId, details });
}
