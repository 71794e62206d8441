import { z } from 'zod';
import { SECOND_MS } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import type { StreamStatus } from '../streams/stream.ts';
import type { PriceRow } from './table.ts';

/**
 * `.funding_state.json`, by which the original's programs share prices. Times are epoch seconds with a
 * fraction, except `nextFundingTime`, which is epoch milliseconds. Only `updatedAt` of a row is required.
 *
 *     { "funding_state": { "BTCUSDT": { "fundingRate": 0.0001, "markPrice": 93041.35, "indexPrice": 93040.1,
 *                                       "nextFundingTime": 1789488000000, "updatedAt": 1789478303.412 } },
 *       "connection_status": { "connected": true, "last_connected_time": 1789470000.1, "reconnect_attempts": 0,
 *                              "messages_received": 51243, "last_message_time": 1789478303.412 },
 *       "updated_at": 1789478303.413, "daemon_pid": 4711 }
 */
const StateFile = z.object({
  funding_state: z.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ),
  connection_status: z
    .object({
      connected: z.boolean().catch(false),
      last_connected_time: z.number().nullable().catch(null),
      reconnect_attempts: z.number().catch(0),
      messages_received: z.number().catch(0),
      last_message_time: z.number().nullable().catch(null),
    })
    .nullable()
    .catch(null),
});

const optionalNumber = z.number().nullable().catch(null);
const StateRow = z.object({
  fundingRate: optionalNumber,
  markPrice: z.number().positive().nullable().catch(null),
  indexPrice: z.number().positive().nullable().catch(null),
  nextFundingTime: optionalNumber,
  updatedAt: z.number().positive(),
});

export type PriceState = { rows: PriceRow[]; connection: StreamStatus | null };

export function formatStateFile(state: { rows: readonly PriceRow[]; connection: StreamStatus }, now: number) {
  const { connection } = state;
  return {
    funding_state: Object.fromEntries(state.rows.map((row) => [row.symbol, formatRow(row)])),
    connection_status: {
      connected: connection.connected,
      last_connected_time: optionalSeconds(connection.lastConnectedAt),
      reconnect_attempts: connection.reconnectAttempts,
      messages_received: connection.messagesReceived,
      last_message_time: optionalSeconds(connection.lastMessageAt),
    },
    updated_at: now / SECOND_MS,
    daemon_pid: process.pid,
  };
}

/** Omits unknown values: the original's readers expect a number behind every key. */
function formatRow({ fundingRate, markPrice, indexPrice, nextFundingTime, updatedAt }: PriceRow) {
  return {
    ...(fundingRate === null ? {} : { fundingRate }),
    ...(markPrice === null ? {} : { markPrice }),
    ...(indexPrice === null ? {} : { indexPrice }),
    ...(nextFundingTime === null ? {} : { nextFundingTime }),
    updatedAt: updatedAt / SECOND_MS,
  };
}

/** `null`: incomplete, empty or something else. Ignores malformed rows; a price of 0 is none. */
export function parseOptionalStateFile(text: string): PriceState | null {
  const parsed = StateFile.safeParse(parseJson(text) ?? parseJson(withoutNaN(text)));
  if (!parsed.success) return null;
  const rows = Object.entries(parsed.data.funding_state).flatMap(([symbol, value]) => {
    const row = StateRow.safeParse(value);
    return row.success ? [{ ...row.data, symbol, updatedAt: row.data.updatedAt * SECOND_MS }] : [];
  });
  return { rows, connection: parseConnection(parsed.data.connection_status) };
}

function parseConnection(status: z.output<typeof StateFile>['connection_status']): StreamStatus | null {
  if (status === null) return null;
  return {
    connected: status.connected,
    lastConnectedAt: optionalMs(status.last_connected_time),
    reconnectAttempts: status.reconnect_attempts,
    messagesReceived: status.messages_received,
    lastMessageAt: optionalMs(status.last_message_time),
  };
}

/** Python writes `NaN` and `Infinity`; one of them must not invalidate the whole file. */
function withoutNaN(text: string): string {
  return text.replace(/(?<=[:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, 'null');
}

function optionalSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / SECOND_MS;
}

function optionalMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * SECOND_MS;
}
