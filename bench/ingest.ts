import { Pool } from 'undici';
import { startChild } from './children.ts';
import { median } from './figures.ts';

/**
 * Chunks of 100 items a second through the whole ingest route without the database, beside a plain Express service and a
 * bare `node:http` one. Contestants take turns, each in a process apart from the load generator; `discard` shows how
 * much load the generator can make, so that it is seen not to be the limit.
 */
const CONNECTIONS = 16;
const TURN_MS = 1_500;
const ROUNDS = 7;
const ITEMS = 100;
const NAMES = ['ours', 'plainExpress', 'bareHttp', 'discard'] as const;

type Name = (typeof NAMES)[number];
type Contestant = { name: Name; pool: Pool; key: string };

export type IngestFigures = {
  chunksPerSecond: Record<Name, number>;
  toPlainExpressRatio: number;
  toBareHttpRatio: number;
};

export async function measureIngest(): Promise<IngestFigures> {
  const children = await Promise.all(NAMES.map((name) => startChild('ingestServer.ts', { args: [name] })));
  const contestants = children.map(({ port, key = '' }, index): Contestant => ({
    name: NAMES[index]!,
    key,
    pool: new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS }),
  }));
  try {
    const rounds: Record<Name, number>[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const rates = {} as Record<Name, number>;
      for (const contestant of contestants) rates[contestant.name] = await runTurn(contestant, round);
      // The first round warms everything up.
      if (round > 0) rounds.push(rates);
    }
    const of = (pick: (rates: Record<Name, number>) => number) => median(rounds.map(pick));
    return {
      chunksPerSecond: Object.fromEntries(NAMES.map((name) => [name, of((it) => it[name])])) as Record<
        Name,
        number
      >,
      toPlainExpressRatio: of((it) => it.ours / it.plainExpress),
      toBareHttpRatio: of((it) => it.ours / it.bareHttp),
    };
  } finally {
    for (const { pool } of contestants) await pool.close();
    for (const child of children) child.stop();
  }
}

export function describeIngest(figures: IngestFigures): string[] {
  const rate = (name: Name) => `${Math.round(figures.chunksPerSecond[name])}`.padStart(8);
  return [
    `Ingest of ${ITEMS}-item chunks without a database, ${CONNECTIONS} connections, chunks a second, medians of ${ROUNDS} rounds`,
    `  ours, the whole route              ${rate('ours')}`,
    `  Express, its body parser, zod      ${rate('plainExpress')}   ours is ${figures.toPlainExpressRatio.toFixed(2)} of it`,
    `  bare node:http, checks by hand     ${rate('bareHttp')}   ours is ${figures.toBareHttpRatio.toFixed(2)} of it`,
    `  body discarded (the generator)     ${rate('discard')}`,
  ];
}

/** Chunks a second of one contestant. */
async function runTurn({ pool, key, name }: Contestant, round: number): Promise<number> {
  const endAt = performance.now() + TURN_MS;
  let sent = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < endAt) {
        const response = await pool.request({
          path: '/api/market/open-interest/ingest',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': key },
          body: chunk(round * 1_000_000 + sent),
        });
        sent += 1;
        if (response.statusCode !== 200)
          throw new Error(`${name} answered ${response.statusCode}: ${await response.body.text()}`);
        await response.body.dump();
      }
    }),
  );
  return (sent / (performance.now() - startedAt)) * 1_000;
}

// The generator must cost less than the servers: only the time and one value change between chunks.
const ITEMS_JSON = Array.from({ length: ITEMS }, (_, index) =>
  JSON.stringify({
    symbol: `BENCH${index}USDT`,
    openInterest: 1_000_000 + index * 17.5,
    openInterestUsd: 2_000_000 + index * 35,
    markPrice: 2,
  }),
).join(',');
const BEGAN_AT = Date.now();

function chunk(count: number): string {
  const timestamp = new Date(BEGAN_AT - 60_000 + (count % 60_000)).toISOString();
  return `{"data":[${ITEMS_JSON}],"timestamp":"${timestamp}","totalSymbols":${ITEMS},"source":"realtime"}`;
}
