import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { runProgram, UsageError } from '../src/kit/program.ts';
import { describeAge, measureAge } from './age.ts';
import { describeAlertKills, measureAlertKills } from './alertKills/main.ts';
import { describeDelivery, measureDelivery } from './delivery.ts';
import { describeFanout, measureFanout } from './fanout.ts';
import { measureHistory } from './history/main.ts';
import { describeYear, measureYear } from './history/year.ts';
import { describeGrowth, measureGrowth } from './growth.ts';
import { describeIngest, measureIngest } from './ingest.ts';
import { describePaint, measurePaint } from './paint.ts';
import { describeReplay, measureReplay } from './replay.ts';
import { describeRows, measureRows } from './rows.ts';
import { describeRules, measureRules } from './rules.ts';
import { describeSockets, measureSockets } from './sockets.ts';
import { describeSweep, measureSweep } from './sweep.ts';

/** `npm run bench`: what we claim to be fast, beside what it replaces, in one run. */
const USAGE = `Usage: npm run bench -- [sweep|fanout|sockets|age|ingest|rows|growth|paint|rules|replay|delivery|alerts-kill9|history|year]
  sweep      one sweep from the first post to the last of 1,000 dashboards, beside row by row; some minutes
  fanout     one window of 343 rows to many sockets, beside bare ws and a stock Socket.IO room: time, bytes, memory
  sockets    many dashboards with the cadence of the live feed, a tenth of them slow, then a reconnect of all
  age        how old the rows of a dashboard are, beside half the interval of polling, with the exchange's limit enforced
  ingest     chunks a second through the whole route without the database, beside other ways to write it
  rows       the cost of one changed row on small and large boards
  growth     time and bytes of a window while the board grows from 343 to 5,000 symbols, with one changing and with all
  paint      from the emit of a window to the painted cell in Chromium, on a full CPU and on a quarter; two minutes
  rules      the cost of 1,000 alert rules on 600 symbols
  replay     an alert rule over 30 days of history, rows and hour blocks; with 343 symbols an hour or more, most of it to store them
  delivery   10,000 alerts to receivers that fail, through nodes that are killed: lost, repeated; some minutes
  alerts-kill9  two servers that are killed while rules fire: crossings that were lost, repeats; at most 8 minutes
  history    rows and hour blocks: bytes, reads, growth, compaction, export, kills; some ten minutes
  year       a year of history on disk, and how long the server takes to answer each range; half a minute a symbol
             without a name: sweep, ingest, rows and rules
  --symbols N    age, history, replay: symbols that are measured (343); paint (600); year (20)
  --sockets N    fanout: connections of each contestant (5000); sockets: dashboards (15000)
  --minutes N    sockets: how long they are watched (10); age (3); alerts-kill9: no kill begins later (6)
  --kills N      history, delivery, alerts-kill9: kill -9 at so many random points (50): a compaction, the server and Postgres in turn;
                 a sending node; either of two servers
  --data DIR     year: keep the database there; DATA_DIR=DIR npm run demo starts on it; replay: keep it there for the next run
  --json FILE    write the figures there too
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

type Options = {
  symbols: number | null;
  sockets: number | null;
  minutes: number | null;
  kills: number;
  data: string | null;
};
type Bench = (options: Options) => Promise<{ lines: string[]; figures: object }>;

const SHORT = ['sweep', 'ingest', 'rows', 'rules'];
const BENCHES: Record<string, Bench> = {
  async sweep() {
    const options = { clients: 1_000, rounds: 5 };
    const figures = await measureSweep(options);
    return { lines: describeSweep(figures, options), figures };
  },
  async fanout({ sockets }) {
    const figures = await measureFanout({ sockets: sockets ?? 5_000 });
    return { lines: describeFanout(figures), figures };
  },
  async sockets({ sockets, minutes }) {
    const figures = await measureSockets({ sockets: sockets ?? 15_000, minutes: minutes ?? 10 });
    return { lines: describeSockets(figures), figures };
  },
  async age({ symbols, minutes }) {
    const figures = await measureAge({ symbols: symbols ?? 343, minutes: minutes ?? 3 });
    return { lines: describeAge(figures), figures };
  },
  async ingest() {
    const figures = await measureIngest();
    return { lines: describeIngest(figures), figures };
  },
  async rows() {
    const figures = measureRows();
    return { lines: describeRows(figures), figures };
  },
  async growth() {
    const figures = measureGrowth();
    return { lines: describeGrowth(figures), figures };
  },
  async paint({ symbols }) {
    const figures = await measurePaint({ symbols: symbols ?? 600 });
    return { lines: describePaint(figures), figures };
  },
  async rules() {
    const figures = measureRules();
    return { lines: describeRules(figures), figures };
  },
  async replay({ symbols, data }) {
    const figures = await measureReplay({ symbols: symbols ?? 343, dataDir: data });
    return { lines: describeReplay(figures), figures };
  },
  async delivery({ kills }) {
    const figures = await measureDelivery({ kills });
    return { lines: describeDelivery(figures), figures };
  },
  async 'alerts-kill9'({ kills, minutes }) {
    const figures = await measureAlertKills({ kills, minutes: minutes ?? 6 });
    return { lines: describeAlertKills(figures), figures };
  },
  async history({ symbols, kills }) {
    const figures = await measureHistory({ symbols: symbols ?? 343, kills }, say);
    return { lines: [], figures };
  },
  async year({ symbols, data }) {
    const figures = await measureYear({ symbols: symbols ?? 20, dataDir: data }, say);
    return { lines: describeYear(figures), figures };
  },
};

await runProgram({
  usage: USAGE,
  words: true,
  options: {
    symbols: { type: 'string' },
    sockets: { type: 'string' },
    minutes: { type: 'string' },
    kills: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'string' },
  },
  async run({ values, positionals: [what] }) {
    const { symbols, sockets, minutes, kills = '50', data = null, json = null } = values;
    const count = (given: string | undefined): number | null => (given === undefined ? null : Number(given));
    const options = {
      ...{ symbols: count(symbols), sockets: count(sockets), minutes: count(minutes) },
      ...{ kills: Number(kills), data },
    };
    if (what !== undefined && !Object.hasOwn(BENCHES, what))
      throw new UsageError(`Unknown benchmark: ${what}`);
    say(`Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? 'unknown processor'}`);
    const all: Record<string, object> = {};
    for (const name of what === undefined ? SHORT : [what]) {
      const { lines, figures } = await BENCHES[name]!(options);
      all[name] = figures;
      for (const line of lines) say(line);
    }
    const figures = what === undefined ? all : all[what];
    if (json) await writeFile(json, `${JSON.stringify({ figures }, null, 2)}\n`);
  },
});
process.exit(0);
