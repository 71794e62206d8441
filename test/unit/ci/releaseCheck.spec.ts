import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createTempDir } from '../../support/tempDir.ts';
import { REPOSITORY } from '../../support/sourceFiles.ts';
import { withEach } from '../../support/withOpened.ts';

const READY: Readonly<Record<string, string>> = {
  'package.json':
    '{"version": "1.2.0", "dependencies": {"pg": "8.23.1"}, "devDependencies": {"x": "1.0.0-beta.2"}}',
  'package-lock.json': '{"version": "1.2.0"}',
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-28\n\n### Added\n\n- A feature.\n',
  'docs/openapi/1.2.0.json': '{"info": {"version": "1.2.0"}}',
};

const folder = withEach(createTempDir, 'remove');
beforeEach(() => void mkdirSync(path.join(folder.path, 'docs/openapi'), { recursive: true }));

function check(changes: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries({ ...READY, ...changes })) {
    writeFileSync(path.join(folder.path, name), text);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder.path });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'all');
  return run();
}

function run() {
  const program = path.join(REPOSITORY, '.ci/releaseCheck.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder.path], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('release:check', () => {
  it('accepts a commit that is complete and names the gate', () => {
    expect(check({})).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^1\.2\.0 is ready .*\.ci\/run.*\n.*git tag -a v1\.2\.0/),
      stderr: '',
    });
  });

  it.each([
    ['version is 1.1.0, package.json says 1.2.0', 'package-lock.json', '{"version": "1.1.0"}'],
    ['the first section is not [Unreleased]', 'CHANGELOG.md', '## [1.2.0] - 2026-11-28\n'],
    ['[Unreleased] has entries', 'CHANGELOG.md', '## [Unreleased]\n\n- New.\n\n## [1.2.0] - 2026-11-28\n'],
    ['the latest release is 1.1.0', 'CHANGELOG.md', '## [Unreleased]\n\n## [1.1.0] - 2026-11-28\n'],
    ['the latest release is missing', 'CHANGELOG.md', '## [Unreleased]\n'],
    ['has the date (none)', 'CHANGELOG.md', '## [Unreleased]\n\n## [1.2.0]\n'],
    ['has the date 2026-02-30', 'CHANGELOG.md', '## [Unreleased]\n\n## [1.2.0] - 2026-02-30\n'],
    ['has the date 9999-01-01', 'CHANGELOG.md', '## [Unreleased]\n\n## [1.2.0] - 9999-01-01\n'],
    ['info.version is 1.1.0', 'docs/openapi/1.2.0.json', '{"info": {"version": "1.1.0"}}'],
    ['pg is "^8.23.1"', 'package.json', '{"version": "1.2.0", "dependencies": {"pg": "^8.23.1"}}'],
    ['docs/openapi/1.3.0.json: missing', 'package.json', '{"version": "1.3.0"}'],
  ])('reports: %s', (fault, name, text) => {
    const { status, stderr } = check({ [name]: text });
    expect(stderr).toContain(fault);
    expect(status).toBe(1);
  });

  it('refuses a working tree with changes', () => {
    check({});
    writeFileSync(path.join(folder.path, 'left.txt'), '');
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('?? left.txt') });
  });
});
