import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readKnownSettings } from '../../src/kit/unknownSettings.ts';
import { findTool } from '../support/installedTool.ts';
import { createTempDir } from '../support/tempDir.ts';

const DEPLOY = path.resolve(import.meta.dirname, '../../deploy');
const folder = createTempDir();
afterAll(() => folder.remove());

const read = (name: string): string => readFileSync(path.join(DEPLOY, name), 'utf8');

function run(
  tool: Parameters<typeof findTool>[0],
  args: string[],
  cwd = DEPLOY,
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(findTool(tool), args, { cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('files of deploy/', () => {
  it('are a configuration that Prometheus accepts, with rules that fire as tested', () => {
    const key = path.join(folder.path, 'operator-key');
    writeFileSync(key, 'key');
    for (const name of readdirSync(path.join(DEPLOY, 'prometheus'))) {
      copyFileSync(path.join(DEPLOY, 'prometheus', name), path.join(folder.path, name));
    }
    const config = read('prometheus/prometheus.yml').replace(
      /credentials_file: .+/,
      `credentials_file: ${key}`,
    );
    writeFileSync(path.join(folder.path, 'prometheus.yml'), config);
    expect(run('promtool', ['check', 'config', 'prometheus.yml'], folder.path)).toMatchObject({
      status: 0,
    });
    expect(run('promtool', ['test', 'rules', 'volspike-oi.rules.test.yml'], folder.path)).toEqual({
      status: 0,
      output: expect.stringContaining('SUCCESS'),
    });
  });

  it('are units that systemd accepts', () => {
    const units = readdirSync(path.join(DEPLOY, 'systemd')).filter((it) => /\.(service|timer)$/.test(it));
    expect(units.length).toBeGreaterThanOrEqual(4);
    // The programs of the units are not installed here; everything else must be valid.
    for (const unit of units.filter((it) => it.endsWith('.service'))) {
      const text = read(`systemd/${unit}`).replaceAll('/usr/bin/node ', `${process.execPath} `);
      writeFileSync(path.join(folder.path, unit), text);
    }
    for (const unit of units.filter((it) => it.endsWith('.timer'))) {
      copyFileSync(path.join(DEPLOY, 'systemd', unit), path.join(folder.path, unit));
    }
    const { status, output } = run('systemd-analyze', [
      'verify',
      '--man=no',
      ...units.map((it) => path.join(folder.path, it)),
    ]);
    const ours = output.split('\n').filter((line) => line.includes('volspike-oi'));
    expect({ status, ours }).toEqual({ status: 0, ours: [] });
  });

  it('are a configuration that Caddy accepts', () => {
    const { status, output } = run('caddy', [
      'validate',
      '--adapter',
      'caddyfile',
      '--config',
      'caddy/Caddyfile',
    ]);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('Valid configuration') });
    expect(run('caddy', ['fmt', '--diff', 'caddy/Caddyfile']).status).toBe(0);
  });

  it('set only settings that a program reads', () => {
    const known = new Set([...readKnownSettings(), 'HTTPS_PROXY', 'NO_PROXY']);
    const unit = Array.from(
      ['server', 'collector', 'universe']
        .map((it) => read(`systemd/volspike-oi-${it}.service`))
        .join('\n')
        .matchAll(/^Environment=([A-Z_]+)=/gm),
      ([, name]) => name!,
    );
    const image = Array.from(read('docker/Dockerfile').matchAll(/\b([A-Z_]{4,})=/g), ([, name]) => name!);
    const compose = Array.from(
      read('docker/compose.yaml').matchAll(/^ {6}([A-Z_]+): /gm),
      ([, name]) => name!,
    );
    const names = [
      ...unit,
      ...image.filter((it) => it !== 'NODE_IMAGE'),
      ...compose.filter((it) => !it.startsWith('POSTGRES_')),
    ];
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it('pass every secret in a file, and compose declares each one that it uses', () => {
    const compose = read('docker/compose.yaml');
    const used = new Set(Array.from(compose.matchAll(/\/run\/secrets\/(\w+)/g), ([, name]) => name));
    const declared = new Set(
      Array.from(compose.matchAll(/^ {2}(\w+): \{ file: secrets\/\1 \}$/gm), ([, name]) => name),
    );
    expect(used).toEqual(declared);
    expect(compose).not.toMatch(/^ +(DATABASE_URL|\w+_API_KEYS?|AUTH_JWT_SECRET|POSTGRES_PASSWORD):/m);
  });
});

const Panels = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

describe('Grafana dashboard', () => {
  it('has only queries that Prometheus can parse', () => {
    const { panels } = Panels.parse(JSON.parse(read('grafana/volspike-oi.dashboard.json')));
    const expressions = panels.flatMap((panel) => panel.targets.map((it) => it.expr));
    expect(expressions.length).toBeGreaterThan(20);
    const rules = expressions.map((expr, i) => ({
      record: `panel:${i}`,
      expr: expr.replaceAll('$instance', '.*'),
    }));
    // JSON is YAML.
    const file = path.join(folder.path, 'panels.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    expect(run('promtool', ['check', 'rules', file])).toMatchObject({ status: 0 });
  });
});
