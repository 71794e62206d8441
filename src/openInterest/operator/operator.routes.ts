import type { Request } from 'express';
import { z } from 'zod';
import { defineRoute, json, text, type Reply, type Route } from '../../platform/http/route.ts';
import { DoctorStage } from './debug/debug.types.ts';
import { diagnose, renderDoctor } from './doctor/doctor.ts';
import { gatherDoctorFacts, type DoctorFactsDeps } from './doctor/facts.ts';
import { freshnessOf, modeOfSource } from '../board/freshness.shared.ts';
import { Symbol } from '../history/query.ts';
import { END_OF_TIME } from '../history/samples.repository.ts';
import { readSamplesBefore } from '../history/tiers.ts';
import { createExplain, selectSilentSymbols } from './outages/outageWatch.ts';
import { HEARTBEAT_PATH } from './recorder/requestWatch.ts';
import { explainSymbol, renderTrace, type TraceReport } from './recorder/traceReport.ts';
import { CollectorHeartbeat } from './collectors/heartbeat.types.ts';
import { orNull } from './orNull.ts';

const BASE = '/api/market/open-interest';

/** What operators ask, and what collectors say of themselves. Everything here reads; it answers 200 whatever it finds. */
export function createOperatorRoutes(deps: DoctorFactsDeps & { lastDataAt: () => number | null }): Route[] {
  const { db, clock, board, universe, heartbeats, recorder } = deps;

  return [
    defineRoute({
      method: 'post',
      path: HEARTBEAT_PATH,
      access: 'ingest',
      limit: 'ingest',
      operationId: 'postHeartbeat',
      summary: 'What a collector says of itself',
      body: CollectorHeartbeat,
      responses: {
        200: {
          description: 'Stored',
          schema: z.object({ success: z.literal(true), serverTime: z.number() }),
        },
      },
      async handle({ body }) {
        await heartbeats.record(body);
        return json(200, { success: true, serverTime: clock.now() });
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/api/collectors/:name',
      access: 'operator',
      limit: 'read',
      operationId: 'removeCollector',
      summary: 'Forgets a collector that is retired or was renamed',
      description: 'One that still runs is back with its next beat.',
      params: z.object({ name: CollectorHeartbeat.shape.collector }),
      responses: {
        200: {
          description: 'Whether a collector of that name was known',
          schema: z.object({ removed: z.boolean() }),
        },
      },
      async handle({ params }) {
        return json(200, { removed: await heartbeats.remove(params.name) });
      },
    }),

    defineRoute({
      method: 'get',
      path: `${BASE}/cache`,
      access: 'operator',
      limit: 'read',
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
      handle() {
        const now = clock.now();
        const entries = [...board.entries()]
          .map(({ row }) => {
            const ageSec = Math.round((now - row.ts) / 100) / 10;
            return {
              ...row,
              ts: new Date(row.ts).toISOString(),
              ageSec,
              state: freshnessOf(ageSec, row.everySec, modeOfSource(row.source)),
              inUniverse: universe.has(row.symbol),
              ...(row.openInterestUsd === null ? { reason: 'no_mark_price' } : {}),
            };
          })
          .toSorted((a, b) => b.ageSec - a.ageSec);
        return json(200, { epoch: board.epoch, seq: board.seq(), size: entries.length, entries });
      },
    }),

    defineRoute({
      method: 'get',
      path: '/debug/doctor',
      access: 'operatorOrAdmin',
      limit: 'read',
      whileStarting: true,
      operationId: 'readDoctor',
      summary: 'One line a stage: does open interest flow, and if not, where does it stop?',
      description:
        'Plain text; JSON for `Accept: application/json` or `?format=json`. Answers 200 whatever it finds.',
      query: z.object({ format: z.enum(['text', 'json']).optional() }),
      responses: {
        200: {
          description: 'Stages in the order of the flow',
          contentType: 'text/plain',
          schema: z.object({
            healthy: z.boolean(),
            stages: z.array(DoctorStage),
          }),
        },
      },
      async handle({ request, query }) {
        const { healthy, stages } = diagnose(await gatherDoctorFacts(deps, baseUrlOf(request)));
        return asWanted(request, query.format, { healthy, stages }, () => renderDoctor(stages));
      },
    }),

    defineRoute({
      method: 'get',
      path: '/debug/trace/:symbol',
      access: 'operatorOrAdmin',
      limit: 'read',
      whileStarting: true,
      operationId: 'traceSymbol',
      summary: "The life of a symbol's last samples, stage by stage; if it is absent, why",
      description:
        'Plain text; JSON for `Accept: application/json` or `?format=json`. Answers 200 whatever it finds.',
      params: z.object({ symbol: Symbol }),
      query: z.object({ format: z.enum(['text', 'json']).optional() }),
      responses: {
        200: {
          description: 'The report',
          contentType: 'text/plain',
          schema: z.looseObject({ symbol: z.string(), explanation: z.string() }),
        },
      },
      async handle({ request, params: { symbol }, query }) {
        const stored = await orNull(
          readSamplesBefore(db, { symbol, limit: 10, source: null, before: END_OF_TIME }),
        );
        const facts = {
          symbol,
          serverTime: clock.now(),
          inUniverse: universe.has(symbol),
          board: board.get(symbol)?.row ?? null,
          lives: recorder.traces.of(symbol),
          stored,
          realtimeEnabled: deps.realtimeEnabled,
          silence: describeSilence(symbol, deps),
        };
        const report = { ...facts, explanation: explainSymbol(facts) };
        return asWanted(request, query.format, report, () => renderTrace(report));
      },
    }),
  ];
}

function describeSilence(
  symbol: string,
  deps: DoctorFactsDeps & { lastDataAt: () => number | null },
): TraceReport['silence'] {
  const evidence = {
    ...deps,
    ...deps.recorder,
    now: deps.clock.now(),
    lastDataAt: deps.lastDataAt(),
    collectors: deps.heartbeats.lastRead(),
  };
  const silent = selectSilentSymbols(evidence).find((it) => it.symbol === symbol);
  if (!silent) return null;
  const cause = createExplain(evidence)({ from: silent.since, symbols: new Set([symbol]) });
  return { since: silent.since, why: cause?.text ?? null };
}

/** Text for people and curl, JSON for who asks for it. */
function asWanted(
  request: Request,
  format: 'text' | 'json' | undefined,
  body: unknown,
  render: () => string,
): Reply {
  const wanted =
    format ?? (request.accepts(['text/plain', 'application/json']) === 'application/json' ? 'json' : 'text');
  return wanted === 'json' ? json(200, body) : text(200, render());
}

/** So that the lines doctor prints can be pasted. */
export function baseUrlOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? 'localhost'}`;
}
