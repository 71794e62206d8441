import type { BoardBody, BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { anItem } from './builders.ts';
import { postChunk } from './openInterestCalls.ts';
import { readBoard } from './openInterestCalls.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

/** A sweep as a poller posts it: many chunks at about the same time, all with one sample time. */
export async function postSweep(
  server: TestServer,
  symbols: readonly string[],
  ts: number,
  openInterest: number,
): Promise<void> {
  const chunks: string[][] = [];
  for (let i = 0; i < symbols.length; i += 43) chunks.push(symbols.slice(i, i + 43));
  await Promise.all(
    chunks.map((chunk) =>
      postChunk(server, {
        data: chunk.map((symbol) => anItem(symbol, { openInterest, openInterestUsd: openInterest * 2 })),
        timestamp: ts,
        source: 'realtime',
      }),
    ),
  );
}

/** The live board once everything ingested has been published. */
export async function settledBoard(server: TestServer): Promise<BoardBody> {
  return waitFor('the last window to be published', async () => {
    const whole = await readBoard(server);
    return whole.rows.every((row) => row.seq <= whole.seq) ? whole : null;
  });
}

/** Rows as an update carries them: a whole board also has what rarely changes. */
export function bySymbol(rows: BoardBody['rows']): Map<string, BoardBody['rows'][number]> {
  return new Map(
    rows.map((row) => {
      const {
        spark: _spark,
        fundingHours: _hours,
        supply: _supply,
        sectors: _sectors,
        usual: _usual,
        ...carried
      } = row as BoardRow;
      return [row.symbol, carried];
    }),
  );
}
