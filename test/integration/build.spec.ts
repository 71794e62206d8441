import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTempDir } from '../support/tempDir.ts';

describe('npm run build', () => {
  const dir = createTempDir();
  const file = (name: string) => path.join(dir.path, name);
  const isWhole = () =>
    existsSync(file('dist/server/main.js')) && existsSync(file('dist/dashboard/index.html'));
  const inProgress = () => readdirSync(file('.cache')).filter((it) => it.startsWith('dist-'));

  function build(...args: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['.ci/build.mjs', ...args], {
      cwd: dir.path,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  beforeAll(() => {
    for (const it of ['src', '.ci', 'package.json', 'tsconfig.json', 'vite.config.ts'])
      cpSync(it, file(it), { recursive: true });
    symlinkSync(path.resolve('node_modules'), file('node_modules'));
    expect(build()).toMatchObject({ status: 0 });
  });
  afterAll(() => dir.remove());

  it('builds the server, the programs and the pages, and leaves no other files', () => {
    expect(isWhole()).toBe(true);
    expect(existsSync(file('dist/collector/main.js'))).toBe(true);
    expect(inProgress()).toEqual([]);
  });

  it('does not rebuild before a start until a source changes', () => {
    expect(build('--start')).toEqual({ status: 0, output: '' });
    appendFileSync(file('src/kit/version.ts'), '\n// changed\n');
    expect(build('--start')).toMatchObject({ status: 0, output: expect.stringContaining('Building') });
    expect(build('--start')).toEqual({ status: 0, output: '' });
  });

  it('keeps the pages of a running server during a build, and after an aborted one', async () => {
    const child = spawn(process.execPath, ['.ci/build.mjs'], { cwd: dir.path, stdio: 'ignore' });
    let looks = 0;
    while (inProgress().length === 0 || !existsSync(file(`.cache/${inProgress()[0]}/next/server/main.js`))) {
      expect(child.exitCode).toBeNull();
      expect(isWhole()).toBe(true);
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status).not.toBe(0);
    expect(looks).toBeGreaterThan(0);
    expect(isWhole()).toBe(true);
    expect(inProgress()).toEqual([]);
  });

  it('keeps the existing build when the sources do not compile', () => {
    appendFileSync(file('src/server/main.ts'), '\nconst wrong: number = "text";\n');
    const { status, output } = build();
    expect(status).not.toBe(0);
    expect(output).toContain('src/server/main.ts');
    expect(isWhole()).toBe(true);
    expect(inProgress()).toEqual([]);
  });

  describe('without development packages', () => {
    const reason = 'not built: typescript and vite, which are development packages, are not installed; ';

    beforeAll(() => {
      rmSync(file('node_modules'));
      mkdirSync(file('node_modules'));
    });

    it('fails and changes nothing', () => {
      expect(build()).toEqual({ status: 1, output: `${reason}run npm ci, or bring dist along\n` });
      expect(isWhole()).toBe(true);
    });

    it('lets npm start run the existing build, and names the remedy without one', () => {
      expect(build('--start')).toEqual({ status: 0, output: '' });
      rmSync(file('dist'), { recursive: true });
      expect(build('--start')).toEqual({ status: 1, output: `${reason}run npm ci, or bring dist along\n` });
    });

    it('lets npm ci --omit=dev pass', () => {
      expect(build('--install')).toEqual({ status: 0, output: `${reason}bring dist along\n` });
    });
  });
});
