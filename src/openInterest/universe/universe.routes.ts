import { z } from 'zod';
import { defineRoute, json, type Route } from '../../platform/http/route.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { computePollIntervalSec } from './pollInterval.shared.ts';
import {
  DEFAULT_ENTER_THRESHOLD,
  DEFAULT_EXIT_THRESHOLD,
  LiquidUniverseBody,
  LiquidUniverseUpdate,
} from './universe.types.ts';
import { updateUniverse, type UniverseChange } from './universe.service.ts';

const BASE = '/api/market/open-interest/liquid-universe';

/** The default budget of a poller. */
const ASSUMED_BUDGET = { requestsPerMin: 2_000, minSec: 5, maxSec: 20 };

/** The liquid universe: read by pollers without a key, replaced by the universe job. */
export function createUniverseRoutes(ctx: OpenInterestContext): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: BASE,
      access: 'anyone',
      operationId: 'readLiquidUniverse',
      summary: 'The symbols that are polled fast, largest 24 h volume first',
      responses: { 200: { description: 'The universe', schema: LiquidUniverseBody } },
      handle: () => json(200, describeUniverse(ctx), { 'Cache-Control': 'no-cache' }),
    }),

    defineRoute({
      method: 'post',
      path: `${BASE}/update`,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'replaceLiquidUniverse',
      summary: 'Replace the universe',
      description:
        'In one transaction. A symbol that stays keeps its enteredAt. An empty set, or less than half of the present one, is ' +
        'refused with 409 unless "force" is true: it is a failed read of the exchange far more often than a market event.',
      body: LiquidUniverseUpdate,
      responses: {
        200: {
          description: 'The universe is replaced',
          schema: z.object({
            success: z.literal(true),
            upserted: z.number(),
            removed: z.number(),
            totalSymbols: z.number(),
            entered: z.array(z.string()),
            left: z.array(z.string()),
          }),
        },
      },
      refusals: { 409: 'The set would become empty, or less than half of what it is' },
      async handle({ body }) {
        const change: UniverseChange = await updateUniverse(ctx, body);
        return json(200, { success: true, ...change, totalSymbols: change.upserted });
      },
    }),
  ];
}

function describeUniverse({ universe, board, clock }: OpenInterestContext): LiquidUniverseBody {
  const members = universe.members();
  const state = universe.state();
  const estimate = computePollIntervalSec(members.length, ASSUMED_BUDGET);
  return {
    updatedAt: (state?.updatedAt ?? new Date(clock.now())).toISOString(),
    enterThreshold: state?.enterThreshold ?? DEFAULT_ENTER_THRESHOLD,
    exitThreshold: state?.exitThreshold ?? DEFAULT_EXIT_THRESHOLD,
    symbols: members.map((it) => {
      const row = board.get(it.symbol)?.row;
      return {
        symbol: it.symbol,
        quoteVolume24h: it.quoteVolume24h,
        fundingIntervalHours: it.fundingIntervalHours,
        circulatingSupply: it.circulatingSupply,
        circulatingSupplyAt: it.circulatingSupplyAt?.toISOString() ?? null,
        sectors: it.sectors,
        enteredAt: it.enteredAt.toISOString(),
        lastSeenAt: it.lastSeenAt.toISOString(),
        // What is observed beats what is computed: pollers have settings that the server does not know.
        estimatedPollIntervalSec: row?.source === 'realtime' ? row.everySec : estimate,
      };
    }),
    totalSymbols: members.length,
  };
}
