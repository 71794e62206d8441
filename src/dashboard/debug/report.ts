import { formatAge, formatCount, formatDelay, formatRate, UNKNOWN } from '../../kit/format.shared.ts';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import type { HealthLine } from './health.ts';
import { describeStrip } from './strip.ts';
import { COLLECTOR_WORDS, describeCells, describeErrors, describePing, noteOf } from './words.ts';
import { formatIso } from '../timeOfDay.ts';

const LAST_ERRORS = 10;
const LAST_GAPS = 10;

/** The text for an issue: the strip, doctor, collectors, gaps and the last refused requests, as plain text. */
export function writeReport(body: DebugBody, health: HealthLine, now: number): string {
  const iso = (at: number) => `${formatIso(at).slice(0, 19)}Z`;
  const age = (at: number) => `${formatAge(now - at)} ago`;
  const { rates, server } = body;
  const delays = rates.postToBroadcastMs;
  const strip = describeStrip(body.pipeline, iso);
  const errors = body.ingest.filter((it) => it.status >= 400).slice(0, LAST_ERRORS);
  return [
    `Open Interest, operator's report of ${iso(now)}`,
    `health     ${health.word}${health.sentence ? `: ${health.sentence}` : ''}`,
    `server     ${body.version}, up ${formatAge(now - body.startedAt)}, epoch ${body.epoch}, seq ${body.seq}, ` +
      `realtime ${server.realtimeEnabled ? 'on' : 'off'}`,
    `stores     Postgres (${server.database.kind}) ${describePing(server.database)}, Redis ${describePing(server.redis)}`,
    `pipeline   ${strip.map((it) => it.text.replace(UNKNOWN, 'unknown')).join(' -> ')}`,
    ...strip.flatMap((it) => (it.warning ? [`           ${it.stage}: ${it.warning}`] : [])),
    `rates      ${formatRate(rates.samplesPerSec)} samples/s, errors ${describeErrors(rates.last5Min)} in 5 min, ` +
      (delays
        ? `post to broadcast p50 ${formatDelay(delays.p50)} p95 ${formatDelay(delays.p95)}`
        : 'post to broadcast not measured'),
    `weight     ${body.weight ? `${formatCount(body.weight.used)}/${formatCount(body.weight.limit)} (${body.weight.reportedBy})` : 'not reported'}`,
    ...section('doctor', body.stages.map(lineOfStage)),
    ...section(
      'collectors',
      body.collectors === null
        ? ['cannot be read']
        : body.collectors.flatMap((it) => [
            `${it.name}  ${COLLECTOR_WORDS[it.state].word}${it.inferred ? ' (inferred)' : ''}  ` +
              `${it.lastAt === null ? '-' : age(it.lastAt)}  ${describeCells(it.cells)}  ${noteOf(it, now)}`.trimEnd(),
            ...it.jobs.map(
              (job) => `  ${job.name}  ${COLLECTOR_WORDS[job.state].word}  ${describeCells(job.cells)}`,
            ),
          ]),
    ),
    ...section(
      'gaps',
      body.gaps
        .slice(0, LAST_GAPS)
        .map(
          (it) =>
            `${iso(it.from)} to ${it.to === null ? 'now' : iso(it.to)}  ${it.symbols} symbols ` +
            `(${it.examples.join(', ')})  ${it.why ?? 'cause not known'}`,
        ),
    ),
    ...section(
      'refused requests',
      errors.map((it) => `${iso(it.at)}  ${it.status}  ${it.reason ?? '-'}  request ${it.requestId}`),
    ),
    '',
  ].join('\n');
}

function lineOfStage(stage: DebugBody['stages'][number]): string {
  const next = stage.state === 'ok' || !stage.next ? '' : `  (${stage.next})`;
  return `${stage.stage.padEnd(10)} ${stage.state.padEnd(9)} ${stage.finding}${next}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', title, ...(lines.length === 0 ? ['  none'] : lines.map((it) => `  ${it}`))];
}

/** The request of this page, for a shell. The token is in a variable, so that it is not stored in the shell's history. */
export function writeCurl(origin: string): string {
  return `curl -sS '${origin}/api/market/open-interest/debug' -H "Authorization: Bearer $TOKEN"`;
}
