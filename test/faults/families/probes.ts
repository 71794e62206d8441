import { anItem } from '../../support/builders.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../../support/testServer.ts';
import { part, type Rig } from '../rig.ts';

/** Proofs that a fault has struck, seen from outside. Each answers a few words, or `null`: not yet. */

const BASE = '/api/market/open-interest';

/** A chunk of one symbol is not taken. */
export async function ingestFails({ url, symbols }: Rig): Promise<string | null> {
  const answer = await fetch(`${url}${BASE}/ingest`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': INGEST_KEY },
    body: JSON.stringify({
      source: 'backfill',
      timestamp: new Date().toISOString(),
      data: [anItem(symbols[0]!)],
    }),
    signal: AbortSignal.timeout(15_000),
  }).catch(() => null);
  if (answer === null) return 'ingest does not answer';
  const text = await answer.text();
  return answer.ok ? null : `ingest answers ${answer.status} ${codeIn(text)}`;
}

/** Posts of the rig's poster got this status. */
export function posterGot(status: number): (rig: Rig) => string | null {
  return ({ poster }) => {
    const count = part(poster).answered().get(status) ?? 0;
    return count > 0 ? `${count} posts got ${status}` : null;
  };
}

/** The exchange has answered the collector with this status through the gate. */
export function exchangeAnswered(status: number): (rig: Rig) => string | null {
  return ({ exchange }) => {
    const count = part(exchange).gate.answered().get(status) ?? 0;
    return count > 0 ? `${count} requests got ${status}` : null;
  };
}

/** No symbol of the board is younger than so many seconds. */
export function boardIsOlderThan(seconds: number): (rig: Rig) => Promise<string | null> {
  return async ({ url, symbols }) => {
    const entries = await readBoard(url);
    const ages = entries.filter((it) => symbols.includes(it.symbol)).map((it) => Math.abs(it.ageSec));
    const youngest = Math.min(...ages);
    return youngest > seconds
      ? `the youngest of ${ages.length} symbols is ${youngest.toFixed(0)}s old`
      : null;
  };
}

export async function readBoard(
  url: string,
): Promise<{ symbol: string; ageSec: number; openInterestUsd: number | null }[]> {
  const { entries } = (await readAsOperator(url, `${BASE}/cache`)) as {
    entries: { symbol: string; ageSec: number; openInterestUsd: number | null }[];
  };
  return entries;
}

export async function readAsOperator(url: string, path: string): Promise<unknown> {
  const answer = await fetch(url + path, {
    headers: { 'X-API-Key': OPERATOR_KEY },
    signal: AbortSignal.timeout(15_000),
  });
  return answer.json();
}

function codeIn(text: string): string {
  return /"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 60);
}
