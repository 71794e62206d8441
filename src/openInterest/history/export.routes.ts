import { z } from 'zod';
import type { Clock } from '../../kit/clock.ts';
import { ForbiddenError, ValidationError } from '../../kit/errors.ts';
import type { Database } from '../../platform/database/database.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { CONTENT_TYPES, encodeExport, ExportFormat } from './exportFormats.ts';
import { SymbolName, Time } from './query.ts';
import type { ReadLimit } from './readLimit.ts';
import { listSymbols, streamHistory } from './symbols.ts';

/** Every stored sample as a file. */
export function createExportRoute(deps: { db: Database; clock: Clock; limit: ReadLimit }): Route {
  const { db, clock, limit } = deps;

  return defineRoute({
    method: 'get',
    path: '/api/market/open-interest/history/export',
    access: 'proOrOperator',
    operationId: 'exportHistory',
    summary: 'Every stored sample of a symbol as a file; for operators of all symbols',
    description:
      'Streamed, oldest first, one symbol after the other. A CSV ends with `# N samples`, NDJSON with `{"samples":N}`, ' +
      'Parquet with its footer: a file without its end was cut off.',
    query: z.object({
      symbol: SymbolName.optional().meta({ description: 'Absent: all, for operators.' }),
      from: Time.optional().meta({ description: 'ISO 8601 or epoch ms; the first sample if absent.' }),
      to: Time.optional().meta({ description: 'ISO 8601 or epoch ms, itself excluded; now if absent.' }),
      format: ExportFormat.default('csv'),
    }),
    responses: { 200: { description: 'The file', contentType: 'text/csv' } },
    handle({ principal, query: { symbol, from = 0, to = clock.now() + 1, format } }) {
      if (symbol === undefined && principal.kind !== 'key') {
        throw new ForbiddenError('An export of all symbols needs an operator key; name one symbol');
      }
      if (to <= from) throw new ValidationError('to must be later than from', { code: 'invalid_query' });
      async function* samples() {
        const symbols = symbol === undefined ? await listSymbols(db, { from, to }) : [symbol];
        yield* streamHistory(db, { symbols, from, to });
      }
      const name = `open-interest-${symbol ?? 'all'}.${format}`;
      return {
        status: 200,
        headers: {
          'Content-Type': CONTENT_TYPES[format],
          'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        },
        chunks: limit.stream(principal, encodeExport(format, samples())),
      };
    },
  });
}
