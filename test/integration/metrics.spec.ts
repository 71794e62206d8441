import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findTool } from '../support/installedTool.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { withCollector } from '../support/withServer.ts';

/** Other names of that form: a database, a cookie. */
const NO_METRICS = new Set(['oi_restored', 'oi_session']);

const { server, collector } = withCollector({ env: { COLLECTOR_METRICS_PORT: '0' } });

async function scrapeServer(): Promise<string> {
  const answer = await server.get('/metrics', { Authorization: `Bearer ${OPERATOR_KEY}` });
  expect(answer.status).toBe(200);
  return answer.text();
}

async function scrapeCollector(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${collector.metricsPort()}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return answer.text();
}

function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((it) => it.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

/** Names as their `# TYPE` lines have them. */
function namesOf(text: string): string[] {
  return Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name]) => name!);
}

describe('/metrics of the server', () => {
  it('A8 accepts the operator key in the header that Prometheus can send, and no other credential there', async () => {
    await scrapeServer();
    const statuses = await Promise.all(
      [INGEST_KEY, 'not-a-key', await server.token('elite', { role: 'admin' })].map(
        async (bearer) => (await server.get('/metrics', { Authorization: `Bearer ${bearer}` })).status,
      ),
    );
    expect(statuses).toEqual([403, 401, 401]);
    expect(
      (await server.get('/metrics', { Authorization: `Basic ${btoa(`x:${OPERATOR_KEY}`)}` })).status,
    ).toBe(401);
  });

  it('contains the build, the connections to Postgres and the findings of doctor', async () => {
    const text = await scrapeServer();
    expect(text).toMatch(
      /^oi_build_info\{program="server",version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\} 1$/m,
    );
    const idle = [...text.matchAll(/^oi_pg_pool_connections\{pool="\w+",state="idle"\} (\d+)$/gm)];
    expect(idle.length).toBeGreaterThan(0);
    expect(text).toMatch(/^oi_pg_pool_waiting\{pool="\w+"\} 0$/m);
    // Which of them is right depends on how busy the machine is; that each stage has one does not.
    expect([0, 1]).toContain(valueOf(text, 'oi_stage_ok{stage="database"}'));
    const doctor = await server.get('/debug/doctor?format=json', { 'X-API-Key': OPERATOR_KEY });
    const { stages } = (await doctor.json()) as { stages: { stage: string }[] };
    const named = Array.from(text.matchAll(/^oi_stage_ok\{stage="(\w+)"\}/gm), ([, stage]) => stage);
    expect(new Set(named)).toEqual(new Set(stages.map((it) => it.stage)));
    expect([0, 1]).toContain(valueOf(text, 'oi_healthy'));
  });
});

describe('/metrics of the collector', () => {
  it('contains its jobs, the weight used and the spool', async () => {
    const text = await scrapeCollector();
    expect(text).toMatch(/^oi_build_info\{program="collector",/m);
    for (const { name, state } of collector.status().jobs) {
      const series = `oi_collector_task_state{task="${name}",state="${state}"}`;
      expect([series, valueOf(text, series)]).toEqual([series, 1]);
    }
    expect(valueOf(text, 'oi_collector_request_weight_limit')).toBe(2_400);
    expect(valueOf(text, 'oi_collector_request_weight_used')).toBeGreaterThan(0);
    expect(valueOf(text, 'oi_collector_throttled_total{status="429"}')).toBe(0);
    expect(valueOf(text, 'oi_collector_spool_dropped_total')).toBe(0);
    expect(valueOf(text, 'oi_collector_spool_bytes')).toBeGreaterThanOrEqual(0);
  });

  it('serves nothing else', async () => {
    const answer = await fetch(`http://127.0.0.1:${collector.metricsPort()}/`);
    expect(answer.status).toBe(404);
  });
});

describe('metric names', () => {
  it('start with oi_, except those that every Node process shares', async () => {
    const names = [...namesOf(await scrapeServer()), ...namesOf(await scrapeCollector())];
    expect(names.filter((it) => !/^(oi|process|nodejs)_/.test(it))).toEqual([]);
    expect(names.filter((it) => it.startsWith('oi_')).length).toBeGreaterThan(25);
  });

  it('include those used by the dashboard, alert rules and operations.md', async () => {
    const served = new Set([...namesOf(await scrapeServer()), ...namesOf(await scrapeCollector())]);
    const files = ['grafana/volspike-oi.dashboard.json', 'prometheus/volspike-oi.rules.yml'].map(
      (it) => `deploy/${it}`,
    );
    for (const file of [...files, 'docs/operations.md']) {
      const text = readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8');
      const asked = Array.from(
        text.matchAll(/(?<![\w.])(oi|nodejs|process)_[a-z0-9_]*[a-z0-9](?![\w(*])/g),
        ([name]) => name,
      );
      const isServed = (name: string) =>
        served.has(name) || served.has(name.replace(/_(bucket|sum|count)$/, ''));
      expect(asked.length).toBeGreaterThan(5);
      expect({ file, missing: asked.filter((it) => !isServed(it) && !NO_METRICS.has(it)) }).toEqual({
        file,
        missing: [],
      });
    }
  });

  it('pass promtool', async () => {
    for (const text of [await scrapeServer(), await scrapeCollector()]) {
      // What prom-client makes by itself is not ours to name.
      const ours = text
        .split('\n')
        .filter((line) => /^(# (HELP|TYPE) )?oi_/.test(line))
        .map((line) => `${line}\n`)
        .join('');
      const { status, stdout, stderr } = spawnSync(findTool('promtool'), ['check', 'metrics'], {
        input: ours,
        encoding: 'utf8',
      });
      expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
    }
  });
});
