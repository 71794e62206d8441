import { z } from 'zod';
import type { Clock } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { createClockSkew } from '../process/clockSkew.ts';
import { refusalOf, type Answer } from './answer.ts';
import type { BudgetRequest, RequestBudget } from './budget/requestBudget.ts';
import type { Priority } from './budget/requestQueue.ts';
import { ExchangeError } from './exchangeError.ts';
import type { createHttpGet } from './http.ts';

export type ClientOptions = {
  restUrl: string;
  /** Serves exchangeInfo in place of the exchange; `null`: ask the exchange. */
  proxyUrl: string | null;
  budget: RequestBudget;
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  headers?: Readonly<Record<string, string>>;
};

export type ClientContext = ClientOptions & {
  http: ReturnType<typeof createHttpGet>;
  skew: ReturnType<typeof createClockSkew>;
};

type ExchangeRequest = {
  path: string;
  query?: Readonly<Record<string, string | number>>;
  cost: Omit<BudgetRequest, 'signal' | 'priority'> & { timeoutMs: number };
  priority: Priority;
  signal: AbortSignal | undefined;
};

/** The parsed body of an answer 200. */
export async function ask(
  context: ClientContext,
  { path, query = {}, cost, priority, signal }: ExchangeRequest,
): Promise<unknown> {
  const { restUrl, budget, clock, http, skew } = context;
  const { timeoutMs, pool, weight } = cost;
  const answer = await budget.run({ pool, weight, priority, signal }, async () => {
    const sentAt = clock.now();
    const got = await http.get(`${restUrl}${path}${queryOf(query)}`, { timeoutMs, signal });
    skew.observe({ sentAt, answeredAt: clock.now(), exchangeTime: got.head.exchangeTime });
    return got;
  });
  if (answer.head.status !== 200) throw refusalOf(path, answer, budget.closedUntil(pool));
  return parseBody(path, answer);
}

/** The rows that match the schema, and the number of those that do not. */
export function parseRows<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body: unknown,
): { rows: z.output<Schema>[]; leftOut: number } {
  const parsed = parse(path, z.array(z.unknown()), body).map((row) => schema.safeParse(row));
  const rows = parsed.flatMap((it) => (it.success ? [it.data] : []));
  return { rows, leftOut: parsed.length - rows.length };
}

/** Symbols are not ASCII: `币安人生USDT`. */
function queryOf(query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

export function parseBody(path: string, { body }: Answer): unknown {
  const parsed = parseJson(body);
  if (parsed === undefined)
    throw new ExchangeError('unavailable', `${path}: the answer is incomplete or not JSON`);
  return parsed;
}

export function parse<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the answer';
  throw new ExchangeError('unavailable', `${path}: ${where} is not as documented: ${issue?.message}`);
}
