import { z } from 'zod';
import type { Tier } from '../../src/access/access.types.ts';
import { BoardBody, type BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { OpenInterestIngestResponse } from '../../src/openInterest/ingest/ingest.types.ts';
import { OPERATOR_KEY, type TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

/** Calls that many specs make, each answer parsed by the schema it promises. */

const BASE = '/api/market/open-interest';

/** How every refusal looks, and nothing beside it: a stack or a query would show here. */
export const Refusal = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[a-z][a-z0-9_]*$/),
    message: z.string().min(1),
    details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string().min(1),
  }),
});

/** Whole seconds, or absent. */
const RetryAfter = z.string().regex(/^\d+$/).nullable();

/** Posts a chunk that must be accepted; as pollers do, again after a 503, which the database of a busy machine causes. */
export async function postChunk(
  server: TestServer,
  chunk: unknown,
  path = `${BASE}/ingest`,
): Promise<OpenInterestIngestResponse> {
  const response = await waitFor('the database to be in time', async () => {
    const answer = await server.post(path, chunk);
    return answer.status === 503 ? null : answer;
  });
  return OpenInterestIngestResponse.parse(await expectStatus(200, response));
}

/** What is wrong with an answer that must be a refusal. */
export async function readRefusal(response: Response): Promise<{
  status: number;
  code: string;
  message: string;
  details: readonly { path: string; message: string }[];
}> {
  const { error } = Refusal.parse(await response.json());
  RetryAfter.parse(response.headers.get('Retry-After'));
  return { status: response.status, code: error.code, message: error.message, details: error.details ?? [] };
}

export async function readBoard(server: TestServer, tier: Tier = 'pro'): Promise<BoardBody> {
  return BoardBody.parse(await getJson(server, `${BASE}/board`, await bearer(server, tier)));
}

/** The rows of a whole board by symbol. */
export async function readRows(server: TestServer, tier: Tier = 'pro'): Promise<Map<string, BoardRow>> {
  const board = await readBoard(server, tier);
  const rows = board.rows.filter((row): row is BoardRow => !('removed' in row));
  return new Map(rows.map((row) => [row.symbol, row]));
}

/** The body of a GET that must answer 200. */
export async function getJson(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  return expectStatus(200, await server.get(path, headers));
}

/** The value of a metric; of one with labels that `series` does not name, the sum of all. */
export async function readMetric(server: TestServer, series: string): Promise<number> {
  const text = await (await server.get('/metrics', { 'X-API-Key': OPERATOR_KEY })).text();
  const found = text.split('\n').filter((it) => it.startsWith(`${series} `) || it.startsWith(`${series}{`));
  return found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

export async function bearer(
  server: TestServer,
  tier: Tier,
  options?: Parameters<TestServer['token']>[1],
): Promise<{ Authorization: string }> {
  return { Authorization: `Bearer ${await server.token(tier, options)}` };
}

async function expectStatus(status: number, response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`answered ${response.status}, not ${status}: ${text}`);
  return JSON.parse(text);
}
