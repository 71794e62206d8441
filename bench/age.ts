import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { followBoard, type Board } from '../src/client/openInterestClient.ts';
import { MINUTE_MS, SECOND_MS } from '../src/kit/clock.ts';
import { computePollIntervalSec } from '../src/openInterest/universe/pollInterval.shared.ts';
import { waitFor } from '../test/support/waitFor.ts';

/**
 * How old the rows of a dashboard are, beside half the interval at which the exchange's limit lets a symbol be read: the demo,
 * whose exchange enforces its weights, and a client on its socket. One run with every symbol asked for equally often, one
 * with the default, attention.
 */
const DEMO = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url));
const POLICIES = ['even', 'attention'] as const;
/** The collector spreads its first requests by what it learns of the weight. */
const WARM_UP_MS = MINUTE_MS;
const LOOK_EVERY_MS = 500;

/** The collector's budget by default. */
const BUDGET = { requestsPerMin: 2_000, minSec: 5, maxSec: 20 };
/** The simulated exchange publishes a figure every 3 s, so one that is asked for is this old on average. */
const EXCHANGE_AGE_SEC = 1.5;

const Exchange = z.object({
  minutes: z.array(z.object({ acceptedWeight: z.number() })),
  totals: z.object({ refused: z.number(), duringBan: z.number() }),
});

type PolicyFigures = {
  policy: (typeof POLICIES)[number];
  symbols: number;
  /** Between two polls of a symbol when all are asked for equally often. */
  intervalSec: number;
  meanAgeSec: number;
  /** Mean age beside half the interval, without the exchange's own part of it. */
  ageRatio: number;
  /** Requests that the exchange refused, and those to it during a ban. */
  refused: number;
  mostWeightAMinute: number;
};

export type AgeFigures = { minutes: number; policies: PolicyFigures[] };

export async function measureAge(options: { symbols: number; minutes: number }): Promise<AgeFigures> {
  const policies: PolicyFigures[] = [];
  for (const policy of POLICIES) policies.push(await measurePolicy(policy, options));
  return { minutes: options.minutes, policies };
}

export function describeAge({ minutes, policies }: AgeFigures): string[] {
  return [
    `Age of the rows of a dashboard, ${minutes} min each, the exchange's limit enforced`,
    ...policies.map(
      (it) =>
        `  ${it.policy.padEnd(10)} ${it.symbols} symbols, mean age ${it.meanAgeSec.toFixed(2)} s, of which ${EXCHANGE_AGE_SEC} s at the exchange; the rest is ` +
        `${it.ageRatio.toFixed(2)}× half of ${it.intervalSec.toFixed(1)} s; at most ${it.mostWeightAMinute} of 2,400 a minute, ${it.refused} refused`,
    ),
  ];
}

async function measurePolicy(
  policy: PolicyFigures['policy'],
  { symbols, minutes }: { symbols: number; minutes: number },
): Promise<PolicyFigures> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'oi-bench-age-'));
  const demo = spawn(process.execPath, [...process.execArgv, DEMO, '--symbols', String(symbols)], {
    env: { ...process.env, DATA_DIR: dir, PORT: '0', OI_POLL_POLICY: policy },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const says = listen(demo);
    const url = await says(/^address {2}(\S+)$/m);
    const token = await says(/^pro token {2}(\S+)$/m);
    const exchangeUrl = await says(/curl (\S+)\/simulator\/stats/);
    const board = followBoard(url, { token });
    await sleep(WARM_UP_MS);
    const meanAgeMs = await watchAges(board, minutes * MINUTE_MS);
    const rows = board.state().rows.size;
    board.close();
    const exchange = Exchange.parse(await (await fetch(`${exchangeUrl}/simulator/stats`)).json());
    const intervalSec = computePollIntervalSec(rows, BUDGET);
    const meanAgeSec = meanAgeMs / SECOND_MS;
    return {
      ...{ policy, symbols: rows, intervalSec, meanAgeSec },
      ageRatio: (meanAgeSec - EXCHANGE_AGE_SEC) / (intervalSec / 2),
      refused: exchange.totals.refused + exchange.totals.duringBan,
      mostWeightAMinute: Math.max(...exchange.minutes.map((it) => it.acceptedWeight)),
    };
  } finally {
    const ended = new Promise((resolve) => void demo.once('exit', resolve));
    demo.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  }
}

/** Waits for a line of the program and returns the part in brackets. */
function listen(program: ChildProcess): (line: RegExp) => Promise<string> {
  let output = '';
  program.stdout!.on('data', (text) => (output += String(text)));
  return (line) =>
    waitFor(`the demo to print ${line.source}`, () => line.exec(output)?.[1], { timeoutMs: 3 * MINUTE_MS });
}

/** The mean over all rows and looks; a row that never changed in the time is one of them. */
async function watchAges(board: Board, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  let sum = 0;
  let looks = 0;
  while (performance.now() < until) {
    const now = board.serverNow();
    for (const row of board.state().rows.values()) {
      sum += now - row.ts;
      looks += 1;
    }
    await sleep(LOOK_EVERY_MS);
  }
  return sum / looks;
}
