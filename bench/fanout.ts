import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from './children.ts';
import { formatMs, median } from './figures.ts';
import type { GeneratorOptions, Received } from './fanout/generator.ts';
import { isNchanInstalled } from './fanout/nchanFiles.ts';

/**
 * One window of 343 rows of the simulated market, all changed, to many sockets: the product beside bare `ws` that writes
 * one prepared frame, beside a stock Socket.IO room and, where Debian's nginx has it, beside Nchan. Each contestant and its load generator are processes apart; all are
 * connected at once and take turns.
 */
const ROUNDS = 9;
/** Until the code of each contestant is compiled as in a server that has run for a while. */
const WARM_UP_ROUNDS = 10;
const NAMES = ['product', 'stockRoom', 'bareWs', 'bareWsDeflated', 'nchan'] as const;
const FORMS = {
  namedDeflated: { deflate: true, auth: {} },
  namedPlain: { deflate: false, auth: {} },
  frames2Deflated: { deflate: true, auth: { frames: 2 } },
  frames2Plain: { deflate: false, auth: { frames: 2 } },
} as const;

type Name = (typeof NAMES)[number];
type Form = keyof typeof FORMS;
type Contestant = { name: Name; server: Child; generator: Child; kibPerSocket: number };
type Settled = { cpuMs: number; longestTurnMs: number; longestTurnCpuMs: number };
type Emission = Settled & {
  lastMs: number;
  bytes: number;
  /** CPU time of the generator over the time until the last socket had its frame. */
  generatorShare: number;
};

type ContestantFigures = Omit<Emission, 'longestTurnMs' | 'longestTurnCpuMs'> & { kibPerSocket: number };

export type FanoutFigures = {
  /** `nchan` only where it is installed. */
  sockets: number;
  contestants: Partial<Record<Name, ContestantFigures>>;
  bytesPer343: Record<Form, number>;
  frames2DeflatedBytesPer343: number;
  frames2PlainBytesPer343: number;
  namedBytesPer343: number;
  toBareWsDeflatedRatio: number;
  toStockRoomRatio: number;
  /** `null` where Nchan is not installed. */
  toNchanRatio: number | null;
  /** The longest turn of the product's event loop, in its CPU time. */
  longestBlockMs: number;
  /** The same in time, which includes what other programs on the machine do meanwhile. */
  longestBlockWallMs: number;
  kibPerSocket: number;
};

export async function measureFanout({ sockets }: { sockets: number }): Promise<FanoutFigures> {
  const children: Child[] = [];
  async function start(file: string, args: readonly string[]): Promise<Child> {
    const child = await startChild(file, { args });
    children.push(child);
    return child;
  }
  const startGenerator = (options: GeneratorOptions) =>
    start('fanout/generator.ts', [JSON.stringify(options)]);
  try {
    const startAt = String(Date.now());
    const contestants: Contestant[] = [];
    for (const name of NAMES.filter((it) => it !== 'nchan' || isNchanInstalled())) {
      const server =
        name === 'nchan'
          ? await start('fanout/nchan.ts', [startAt])
          : await start('fanout/server.ts', [name, startAt]);
      const before = await server.ask<{ rssKiB: number }>({ ask: 'weigh' });
      const generator = await startGenerator({ ...connectionOf(name, server), sockets });
      // Handshakes leave garbage and timers.
      await sleep(6_000);
      const after = await server.ask<{ rssKiB: number }>({ ask: 'weigh' });
      contestants.push({ name, server, generator, kibPerSocket: (after.rssKiB - before.rssKiB) / sockets });
    }
    const rounds = await takeTurns(contestants, ROUNDS, { watched: false });
    const [product] = contestants as [Contestant];
    const watched = await takeTurns([product], ROUNDS, { watched: true });
    const bytesPer343 = {} as Record<Form, number>;
    for (const form of Object.keys(FORMS) as Form[]) {
      const generator = await startGenerator({
        ...connectionOf('product', product.server),
        ...formOf(form, product.server),
        sockets: 1,
      });
      const windows: number[] = [];
      for (let i = 0; i < ROUNDS; i += 1)
        windows.push((await emitOnce({ ...product, generator }, false)).bytes);
      bytesPer343[form] = median(windows);
    }
    return summarize({ sockets, contestants, rounds, watched, bytesPer343 });
  } finally {
    for (const child of children) child.stop();
  }
}

export function describeFanout(figures: FanoutFigures): string[] {
  const bytes = (value: number) => `${(value / 1_000).toFixed(1)} kB`.padStart(9);
  return [
    `One window of 343 rows to ${figures.sockets} sockets, medians of ${ROUNDS} rounds`,
    `  ${''.padEnd(16)} ${'last client'.padStart(12)} ${'server CPU'.padStart(12)} ${'a client'.padStart(9)} ${'a socket'.padStart(10)} ${'generator busy'.padStart(15)}`,
    ...Object.entries(figures.contestants).map(([name, it]) => {
      return (
        `  ${name.padEnd(16)} ${formatMs(it.lastMs).padStart(12)} ${formatMs(it.cpuMs).padStart(12)} ${bytes(it.bytes)} ` +
        `${`${it.kibPerSocket.toFixed(1)} KiB`.padStart(10)} ${`${Math.round(it.generatorShare * 100)} %`.padStart(15)}`
      );
    }),
    `  product to bareWsDeflated ${figures.toBareWsDeflatedRatio.toFixed(2)}, to stockRoom ${figures.toStockRoomRatio.toFixed(2)}, to nchan ${figures.toNchanRatio?.toFixed(2) ?? 'not installed'}; ` +
      `longest turn of its event loop ${formatMs(figures.longestBlockMs)} of CPU, ${formatMs(figures.longestBlockWallMs)} of time`,
    `  bytes of the window: ${Object.entries(figures.bytesPer343)
      .map(([form, value]) => `${form} ${bytes(value).trim()}`)
      .join(', ')}`,
  ];
}

function connectionOf(name: Name, { port, token }: Child): Omit<GeneratorOptions, 'sockets'> {
  return {
    port,
    protocol: name.startsWith('bare') || name === 'nchan' ? 'ws' : 'socketio',
    deflate: true,
    auth: name === 'product' ? { token, frames: 2 } : {},
  };
}

function formOf(form: Form, { token }: Child) {
  const { deflate, auth } = FORMS[form];
  return { deflate, auth: { ...auth, token } };
}

async function takeTurns(
  contestants: readonly Contestant[],
  count: number,
  { watched }: { watched: boolean },
): Promise<Record<Name, Emission>[]> {
  const rounds: Record<Name, Emission>[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + count; round += 1) {
    const emissions = {} as Record<Name, Emission>;
    for (const contestant of contestants) emissions[contestant.name] = await emitOnce(contestant, watched);
    if (round >= WARM_UP_ROUNDS) rounds.push(emissions);
  }
  return rounds;
}

async function emitOnce({ server, generator }: Contestant, watched: boolean): Promise<Emission> {
  await server.ask({ ask: 'prepare' });
  await generator.ask({ ask: 'arm' });
  const received = generator.ask<Received>({ ask: 'receive' });
  const { emittedAt } = await server.ask<{ emittedAt: number }>({ ask: 'emit', watched });
  const { lastAt, cpuMs: generatorCpuMs, bytesPerSocket } = await received;
  const settled = await server.ask<Settled>({ ask: 'settled' });
  const lastMs = (lastAt - emittedAt) / 1e6;
  return { ...settled, lastMs, bytes: bytesPerSocket, generatorShare: generatorCpuMs / lastMs };
}

function summarize(measured: {
  sockets: number;
  contestants: readonly Contestant[];
  rounds: readonly Record<Name, Emission>[];
  watched: readonly Record<Name, Emission>[];
  bytesPer343: Record<Form, number>;
}): FanoutFigures {
  const { sockets, contestants, rounds, watched, bytesPer343 } = measured;
  const ratioTo = (other: Name) => median(rounds.map((it) => it.product.lastMs / it[other].lastMs));
  const of = (name: Name, key: keyof Emission) => median(rounds.map((it) => it[name][key]));
  return {
    sockets,
    contestants: Object.fromEntries(
      contestants.map(({ name, kibPerSocket }) => [
        name,
        {
          lastMs: of(name, 'lastMs'),
          cpuMs: of(name, 'cpuMs'),
          bytes: of(name, 'bytes'),
          generatorShare: of(name, 'generatorShare'),
          kibPerSocket,
        },
      ]),
    ) as FanoutFigures['contestants'],
    bytesPer343,
    frames2DeflatedBytesPer343: bytesPer343.frames2Deflated,
    frames2PlainBytesPer343: bytesPer343.frames2Plain,
    namedBytesPer343: bytesPer343.namedPlain,
    toBareWsDeflatedRatio: ratioTo('bareWsDeflated'),
    toStockRoomRatio: ratioTo('stockRoom'),
    toNchanRatio: contestants.some((it) => it.name === 'nchan') ? ratioTo('nchan') : null,
    longestBlockMs: median(watched.map((it) => it.product.longestTurnCpuMs)),
    longestBlockWallMs: median(watched.map((it) => it.product.longestTurnMs)),
    kibPerSocket: contestants.find((it) => it.name === 'product')!.kibPerSocket,
  };
}
