import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { symbolNames } from '../support/builders.ts';
import type { JumpClock } from '../support/jumpClock.ts';
import { bySymbol, postSweep, settledBoard } from '../support/liveBoard.ts';
import type { TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import type { ClientProcess } from './clientProcess.ts';
import type { MessageProxy } from './messageProxy.ts';

type Context = {
  clock: JumpClock;
  proxy: MessageProxy;
  tokenFile: string;
  clients: ReadonlyMap<string, ClientProcess>;
  server: () => TestServer;
  /** Another server, with an empty database. */
  replaceServer: () => Promise<void>;
};

const STEPS = {
  'the first board': (context: Context) => publish(context, 0, 5),
  async drops(context: Context) {
    context.proxy.set('drop');
    await publish(context, 0, 2);
    context.proxy.set('pass');
    await publish(context, 4, 6);
  },
  async repetitions(context: Context) {
    context.proxy.set('repeat');
    for (let symbol = 0; symbol < 3; symbol += 1) await publish(context, symbol, 3);
    context.proxy.set('pass');
  },
  async reordering(context: Context) {
    context.proxy.set('reverse');
    for (let symbol = 0; symbol < 3; symbol += 1) await publish(context, symbol, 3);
    context.proxy.set('pass');
  },
  async 'a lost connection'(context: Context) {
    context.proxy.cut();
    await publish(context, 1, 4);
  },
  async 'slow reading'(context: Context) {
    for (const client of context.clients.values()) client.stop();
    for (let symbol = 0; symbol < 3; symbol += 1) await publish(context, symbol, 6);
    for (const client of context.clients.values()) client.resume();
  },
  /** Each client reads the new token when it connects again. */
  async 'an expired token'(context: Context) {
    await writeToken(context, 3 * 3_600_000);
    context.clock.jump(3_700_000);
    await publish(context, 2, 5);
  },
  async 'another epoch with other symbols'(context: Context) {
    await context.replaceServer();
    await publish(context, 3, 8);
  },
};

export type Step = keyof typeof STEPS;

/** Runs all steps with all clients. Answers, by client, the first step after which its board was not the server's. */
export async function runScenario(context: Context): Promise<Map<string, Step>> {
  const failed = new Map<string, Step>();
  for (const [step, act] of Object.entries(STEPS) as [Step, (context: Context) => Promise<void>][]) {
    await act(context);
    const whole = await settledBoard(context.server());
    // A copy in JSON: objects of fetch have other prototypes than those of this file, and would never be equal.
    const rows = bySymbol(JSON.parse(JSON.stringify(whole.rows)) as typeof whole.rows);
    const correct = [...context.clients].filter(([name]) => !failed.has(name));
    await Promise.all(
      correct.map(async ([name, client]) => {
        const board = await waitFor(`${name} to reach seq ${whole.seq} after ${step}`, async () => {
          const { epoch, seq, rows: printed } = await client.board();
          return epoch === whole.epoch && seq === whole.seq ? printed : null;
        });
        if (!isDeepStrictEqual(bySymbol(board), rows)) failed.set(name, step);
      }),
    );
  }
  return failed;
}

export async function writeToken({ server, tokenFile }: Pick<Context, 'server' | 'tokenFile'>, ms: number) {
  writeFileSync(tokenFile, await server().token('pro', { expiresInMs: ms }));
}

/** Samples of the symbols `from` to `to`, in a window of their own. */
async function publish({ clock, server }: Context, from: number, to: number): Promise<void> {
  const before = (await settledBoard(server())).seq;
  await postSweep(server(), symbolNames(to - from, from), clock.now(), Math.random() * 1e6);
  await waitFor('the window', async () => (await settledBoard(server())).seq > before);
}
