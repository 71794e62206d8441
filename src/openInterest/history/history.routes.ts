import { z } from 'zod';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { ValidationError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import { defineRoute, json, privateHeaders, type Route } from '../../platform/http/route.ts';
import { selectAlerts } from '../alerts/alerts.repository.ts';
import type { Board } from '../board/board.ts';
import {
  computeHistory,
  countBuckets,
  historySpan,
  historyWindow,
  MOST_BUCKETS,
  type HistoryWindow,
} from './history.ts';
import { HistoryBody, HistoryInterval, HistoryRange } from './history.types.ts';
import { createExportRoute } from './export.routes.ts';
import { SymbolName, Time } from './query.ts';
import { createReadLimit, type ReadLimit } from './readLimit.ts';
import { createSampleAtRoute, createSamplesRoute } from './samples.routes.ts';
import { readBuckets, readFirstTime } from './tiers.ts';

/** Half a bucket is fresh enough, and of long buckets this. */
const LONGEST_CACHED_MS = 7.5 * MINUTE_MS;

const HistoryQuery = z
  .object({
    symbol: SymbolName,
    range: HistoryRange.optional().meta({ description: 'Ends now. `all` begins with the first sample.' }),
    from: Time.optional().meta({ description: 'Instead of `range`: ISO 8601 or epoch ms.' }),
    to: Time.optional().meta({ description: 'With `from`; now if it is absent.' }),
    interval: HistoryInterval.optional().meta({
      description: 'Length of a bucket. Absent: one that gives about a thousand.',
    }),
  })
  .check(({ value, issues }) => {
    const refuse = (name: string, message: string): void =>
      void issues.push({ code: 'custom', path: [name], message, input: value });
    if (value.range === undefined && value.from === undefined) {
      refuse('range', `${RANGE_WORDS}, or send from`);
    }
    if (value.range !== undefined && (value.from ?? value.to) !== undefined) {
      refuse('range', 'cannot be combined with from and to; send one or the other');
    }
    if (value.from !== undefined && value.to !== undefined && value.to <= value.from) {
      refuse('to', 'must be later than from');
    }
  });

const RANGE_WORDS = `must be ${HistoryRange.options.slice(0, -1).join(', ')} or ${HistoryRange.options.at(-1)}`;

/** Throws 400 when the window has more buckets than an answer may have. */
async function windowOf(
  query: z.output<typeof HistoryQuery>,
  db: Database,
  now: number,
): Promise<HistoryWindow> {
  const { symbol, range, from, to = now, interval } = query;
  let window: HistoryWindow;
  if (range === undefined) window = historySpan(from ?? to - DAY_MS, to, interval);
  else if (range === 'all') {
    window = historySpan((await readFirstTime(db, symbol)) ?? now - DAY_MS, now + 1, interval);
  } else window = historyWindow(range, now, interval);
  if (countBuckets(window) > MOST_BUCKETS) {
    throw new ValidationError(
      `The range has ${countBuckets(window)} buckets of this interval, more than ${MOST_BUCKETS}; ask for less, or for longer ones`,
      { code: 'too_many_buckets' },
    );
  }
  return window;
}

function readHistory(db: Database, symbol: string, { from, to, bucketMs }: HistoryWindow) {
  const alerts = { symbol, direction: null, timeframe: null, limit: 200, offset: 0 };
  const before = { ts: new Date(to), id: null };
  return Promise.all([
    readBuckets(db, { symbol, from, to, bucketMs }),
    selectAlerts(db, { ...alerts, since: new Date(from), before }),
  ]);
}

/** What is stored of one symbol: buckets with gaps, single samples, the sample of a moment, all of it as a file. */
export function createHistoryRoutes(deps: { db: Database; clock: Clock; board: Board }): Route[] {
  const { db, clock } = deps;
  const limit = createReadLimit(db.connections().max);
  return [
    createExportRoute({ db, clock, limit }),
    createBucketsRoute({ ...deps, limit }),
    createSamplesRoute({ db, limit }),
    createSampleAtRoute({ db }),
  ];
}

function createBucketsRoute(deps: { db: Database; clock: Clock; board: Board; limit: ReadLimit }): Route {
  const { db, clock, board, limit } = deps;
  return defineRoute({
    method: 'get',
    path: '/api/market/open-interest/history',
    access: 'pro',
    operationId: 'readHistory',
    summary: 'History of one symbol in buckets, with its gaps',
    description:
      `A \`range\` that ends now, or \`from\` and \`to\`; at most ${MOST_BUCKETS.toLocaleString('en-US')} buckets. ` +
      'Old days answer like young ones.',
    query: HistoryQuery,
    responses: { 200: { description: 'Columns, one entry a bucket', schema: HistoryBody } },
    async handle({ principal, query }) {
      const { symbol, range = null } = query;
      const now = clock.now();
      const [window, buckets, alerts] = await limit.read(principal, async () => {
        const asked = await windowOf(query, db, now);
        return [asked, ...(await readHistory(db, symbol, asked))] as const;
      });
      const everySec = board.get(symbol)?.row.everySec ?? 30;
      const maxAgeSec = Math.min(window.bucketMs / 2, LONGEST_CACHED_MS) / SECOND_MS;
      const body = computeHistory(symbol, range, { ...window, now }, buckets, everySec, alerts);
      return json(200, body, privateHeaders(`max-age=${Math.floor(maxAgeSec)}`));
    },
  });
}
