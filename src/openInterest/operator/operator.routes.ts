import type { Request } from 'express';
import { z } from 'zod';
import { defineRoute, json, text, type Reply, type Route } from '../../platform/http/route.ts';
import { freshnessOf, modeOfSource } from '../board/freshness.shared.ts';
import { SymbolName } from '../history/query.ts';
import { END_OF_TIME } from '../history/samples.repository.ts';
import { readSamplesBefore } from '../history/tiers.ts';
import { DoctorStage } from './debug/debug.types.ts';
import { diagnose, renderDoctor } from './doctor/doctor.ts';
import { gatherDoctorFacts } from './doctor/facts.ts';
import type { OperatorContext } from './operator.context.ts';
import { orNull } from './orNull.ts';
import { explainSilence } from './outages/outageWatch.ts';
import { explainSymbol, renderTrace } from './recorder/traceReport.ts';

/** What operators read. Each route answers 200 whatever it finds. */
export function createOperatorRoutes(ctx: OperatorContext): Route[] {
  return [boardEntriesRoute(ctx), doctorRoute(ctx), traceRoute(ctx)];
}

type Format = 'text' | 'json' | undefined;

const FORMAT = z.object({ format: z.enum(['text', 'json']).optional() });
const FORMATS = 'Plain text; JSON for `Accept: application/json` or `?format=json`. Always answers 200.';

function boardEntriesRoute(ctx: OperatorContext): Route {
  return defineRoute({
    method: 'get',
    path: '/api/market/open-interest/cache',
    access: 'operator',
    operationId: 'listBoardEntries',
    summary: 'Every entry of the board with its age and state',
    responses: {
      200: {
        description: 'Entries, oldest first',
        schema: z.object({
          epoch: z.string(),
          seq: z.number(),
          size: z.number(),
          entries: z.array(z.unknown()),
        }),
      },
    },
    handle: () => listBoardEntries(ctx),
  });
}

function doctorRoute(ctx: OperatorContext): Route {
  return defineRoute({
    method: 'get',
    path: '/debug/doctor',
    access: 'operatorOrAdmin',
    whileStarting: true,
    operationId: 'readDoctor',
    summary: 'One line per stage: does open interest flow, and if not, where does it stop?',
    description: FORMATS,
    query: FORMAT,
    responses: {
      200: {
        description: 'Stages in the order of the flow',
        contentType: 'text/plain',
        schema: z.object({ healthy: z.boolean(), stages: z.array(DoctorStage) }),
      },
    },
    handle: ({ request, query }) => readDoctor(ctx, request, query.format),
  });
}

function traceRoute(ctx: OperatorContext): Route {
  return defineRoute({
    method: 'get',
    path: '/debug/trace/:symbol',
    access: 'operatorOrAdmin',
    whileStarting: true,
    operationId: 'traceSymbol',
    summary: "A symbol's last samples, step by step; if it is absent, why",
    description: FORMATS,
    params: z.object({ symbol: SymbolName }),
    query: FORMAT,
    responses: {
      200: {
        description: 'The report',
        contentType: 'text/plain',
        schema: z.looseObject({ symbol: z.string(), explanation: z.string() }),
      },
    },
    handle: ({ request, params, query }) => readTrace(ctx, request, { ...params, ...query }),
  });
}

function listBoardEntries({ clock, board, universe }: OperatorContext): Reply {
  const now = clock.now();
  const entries = Array.from(board.entries(), ({ row }) => {
    const ageSec = Math.round((now - row.ts) / 100) / 10;
    return {
      ...row,
      ts: new Date(row.ts).toISOString(),
      ageSec,
      state: freshnessOf(ageSec, row.everySec, modeOfSource(row.source)),
      inUniverse: universe.has(row.symbol),
      ...(row.openInterestUsd === null ? { reason: 'no_mark_price' } : {}),
    };
  }).toSorted((a, b) => b.ageSec - a.ageSec);
  return json(200, { epoch: board.epoch, seq: board.seq(), size: entries.length, entries });
}

async function readDoctor(ctx: OperatorContext, request: Request, format: Format): Promise<Reply> {
  const { healthy, stages } = diagnose(await gatherDoctorFacts(ctx, baseUrlOf(request)));
  return inFormat(request, format, { healthy, stages }, () => renderDoctor(stages));
}

async function readTrace(
  ctx: OperatorContext,
  request: Request,
  { symbol, format }: { symbol: string; format?: Format },
): Promise<Reply> {
  const stored = await orNull(
    readSamplesBefore(ctx.db, { symbol, limit: 10, source: null, before: END_OF_TIME }),
  );
  const facts = {
    symbol,
    serverTime: ctx.clock.now(),
    inUniverse: ctx.universe.has(symbol),
    board: ctx.board.get(symbol)?.row ?? null,
    traces: ctx.recorder.traces.of(symbol),
    stored,
    realtimeEnabled: ctx.settings.realtimeEnabled,
    silence: explainSilence(ctx, symbol),
  };
  const report = { ...facts, explanation: explainSymbol(facts) };
  // `lives` is the earlier name of `traces`.
  return inFormat(request, format, { ...report, lives: facts.traces }, () => renderTrace(report));
}

/** Plain text by default, JSON on request. */
function inFormat(request: Request, format: Format, body: unknown, render: () => string): Reply {
  const wanted =
    format ?? (request.accepts(['text/plain', 'application/json']) === 'application/json' ? 'json' : 'text');
  return wanted === 'json' ? json(200, body) : text(200, render());
}

/** Makes the commands that doctor prints ready to paste. */
export function baseUrlOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}`;
}
