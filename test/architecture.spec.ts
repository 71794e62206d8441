import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  REPOSITORY,
  importsOf,
  readSourceFiles,
  textOf,
  walkSyntax,
  type SourceFile,
  type SyntaxNode,
} from './support/sourceFiles.ts';

const sources = readSourceFiles('src');

/** `file: what` of everything that `find` finds, to be compared with nothing. */
function findings(files: readonly SourceFile[], find: (file: SourceFile) => Iterable<string>): string[] {
  return files.flatMap((file) => Array.from(find(file), (what) => `${file.name}: ${what}`));
}

describe('the import arrows', () => {
  const Cruise = z.object({
    modules: z.array(z.object({ source: z.string() })),
    summary: z.object({
      violations: z.array(
        z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
      ),
    }),
  });
  let tree: string;

  beforeAll(() => {
    tree = fs.mkdtempSync(path.join(os.tmpdir(), 'open-interest-arrows-'));
    fs.symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(tree, 'node_modules'));
    for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      fs.copyFileSync(path.join(REPOSITORY, name), path.join(tree, name));
    }
    for (const file of sources) plant(file);
  });
  afterAll(() => fs.rmSync(tree, { recursive: true, force: true }));

  /**
   * The parser behind dependency-cruiser reads no JSX, so a component stands there with its imports alone, as `Name.tsx.ts`,
   * and is imported by that name.
   */
  function plant(file: SourceFile): void {
    const isComponent = file.name.endsWith('.tsx');
    const text = isComponent
      ? importsOf(file)
          .map((it) => `import '${it}';\n`)
          .join('')
      : file.text;
    const name = path.join(tree, isComponent ? `${file.name}.ts` : file.name);
    fs.mkdirSync(path.dirname(name), { recursive: true });
    fs.writeFileSync(name, text.replaceAll(/\.tsx(?=['"])/g, '.tsx.ts'));
  }

  async function cruise() {
    const program = path.join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
      { cwd: tree, maxBuffer: 2 ** 28 },
    );
    const { modules, summary } = Cruise.parse(JSON.parse(stdout.replaceAll('.tsx.ts', '.tsx')));
    return {
      files: modules.map((it) => it.source).filter((source) => source.startsWith('src/')),
      violations: summary.violations.map((it) => `${it.rule.name}: ${it.from} -> ${it.to}`),
    };
  }

  it('all point the way they may, and none goes in a circle', async () => {
    const { files, violations } = await cruise();
    expect(files.toSorted(byName)).toEqual(sources.map(({ name }) => name).toSorted(byName));
    expect(violations).toEqual([]);
  }, 120_000);

  it('are found when they point the wrong way', async () => {
    const planted: [string, string, string][] = [
      ['kit-imports', 'src/kit/planted.ts', '../access/access.types.ts'],
      ['types-imports', 'src/openInterest/planted.types.ts', './openInterest.board.ts'],
      ['types-imports', 'src/openInterest/planted.shared.ts', 'pino'],
      ['platform-imports', 'src/platform/planted.ts', '../openInterest/board/board.ts'],
      ['access-imports', 'src/access/planted.ts', '../platform/redis/redis.ts'],
      ['openInterest-imports', 'src/openInterest/planted.ts', '../access/access.module.ts'],
      ['sockets-imports', 'src/sockets/planted.ts', '../platform/database/postgres.ts'],
      ['server-imports', 'src/server/planted.ts', '../simulator/market/market.ts'],
      ['collector-imports', 'src/collector/planted.ts', '../platform/database/postgres.ts'],
      ['simulator-imports', 'src/simulator/planted.ts', '../server/config.ts'],
      ['dashboard-imports', 'src/dashboard/planted.ts', '../platform/redis/redis.ts'],
      ['dashboard-imports', 'src/dashboard/Planted.tsx', '../openInterest/board/board.ts'],
      ['no-dev-dependencies-in-src', 'src/server/plantedDev.ts', 'fast-check'],
      ['no-circular', 'src/simulator/plantedOne.ts', './plantedOther.ts'],
    ];
    for (const [, name, to] of planted) plant({ name, text: `import '${to}';\n` });
    plant({ name: 'src/simulator/plantedOther.ts', text: "import './plantedOne.ts';\n" });
    const { violations } = await cruise();
    const found = violations.map((it) => it.split(' -> ')[0]!).toSorted(byName);
    expect(found).toEqual(planted.map(([rule, name]) => `${rule}: ${name}`).toSorted(byName));
  }, 120_000);
});

describe('the source', () => {
  it('names the exchange in src/collector/binance/ alone; the dashboard may link to its pages', () => {
    const isAllowed = ({ name }: SourceFile) => name.startsWith('src/collector/binance/');
    const links = /https:\/\/www\.binance\.com\/[a-z]{2}\/futures\//g;
    const named = findings(
      sources.filter((file) => !isAllowed(file)),
      ({ name, text }) =>
        (name.startsWith('src/dashboard/') ? text.replaceAll(links, '') : text).match(
          /\S*binance\.com\S*/gi,
        ) ?? [],
    );
    expect(named).toEqual([]);
    expect(sources.some((file) => isAllowed(file) && file.text.includes('binance.com'))).toBe(true);
  });

  it('has no file of more than 250 lines', () => {
    const long = findings(sources, ({ text }) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > 250 ? [`${lines} lines`] : [];
    });
    expect(long).toEqual([]);
  });

  it('has no file that is named after nothing, and no barrel', () => {
    const named = sources.filter(({ name }) =>
      /(^|[/.])(utils?|helpers?|common)\b|\/index\.tsx?$/i.test(name),
    );
    expect(named.map((it) => it.name)).toEqual([]);
  });

  it('exports by name only', () => {
    const anonymous = findings(sources, function* (file) {
      for (const { type } of walkSyntax(file)) {
        if (type === 'ExportDefaultDeclaration' || type === 'ExportDefaultExpression') yield type;
      }
    });
    expect(anonymous).toEqual([]);
  });

  it('asks the wall for the time in src/kit/clock.ts alone; the dashboard runs where there is no other clock', () => {
    const asked = findings(
      sources.filter(({ name }) => name !== 'src/kit/clock.ts' && !name.startsWith('src/dashboard/')),
      function* (file) {
        for (const node of walkSyntax(file)) {
          if (calleeOf(node) === 'Date.now') yield 'Date.now()';
          if (
            node.type === 'NewExpression' &&
            isIdentifier(node['callee'], 'Date') &&
            isEmpty(node['arguments'])
          ) {
            yield 'new Date()';
          }
        }
      },
    );
    expect(asked).toEqual([]);
  });

  describe('keeps SQL', () => {
    const SQL =
      /\b(select\b[^]*?\bfrom|insert\s+into|delete\s+from|update\s+\S+\s+(as\s+\w+\s+)?set|truncate|(create|drop|alter)\s+(unlogged\s+)?(table|index|view|function|database|role))\b/;

    function* statementsIn(file: SourceFile): Generator<string> {
      for (const node of walkSyntax(file)) {
        const text = textOf(node);
        // Keywords are written small, so that a sentence that begins with "Select" is none.
        if (text !== undefined && SQL.test(text)) yield text.trim().split('\n')[0]!;
      }
    }

    it.each([
      'select symbol from open_interest_latest',
      'with given as (\n  select 1\n) insert into t values (1)',
      'update open_interest_latest set ts = $1',
      'delete from open_interest_latest where ts < $1',
      'create table if not exists t (a int)',
      'truncate open_interest_latest',
    ])('in sight: %j is found', (statement) => {
      const text = `const a = \`${statement}\`;\nconst b = ${JSON.stringify(statement)};\n// ${statement.split('\n')[0]}`;
      expect([...statementsIn({ name: 'planted.ts', text })]).toHaveLength(2);
    });

    it.each(['select 1', 'Select a row from the table.', 'Delete from the list', 'an update'])(
      'apart from what only sounds like it: %j is none',
      (text) => {
        expect([...statementsIn({ name: 'planted.ts', text: `const a = '${text}';` })]).toEqual([]);
      },
    );

    it('in repositories, the platform and the store of the collector alone', () => {
      const isPlace = ({ name }: SourceFile) =>
        /\.repository\.ts$/.test(name) || /^src\/(platform|collector\/store)\//.test(name);
      const elsewhere = sources.filter((file) => !isPlace(file));
      expect(findings(elsewhere, statementsIn)).toEqual([]);
      expect(sources.filter(isPlace).flatMap((file) => [...statementsIn(file)]).length).toBeGreaterThan(10);
    });
  });
});

describe('the tests', () => {
  const tests = readSourceFiles('test');

  /**
   * The claims that have a number: L, the lessons of docs/oi_realtime/design.md §2; the others, the invariants of ingest,
   * persistence, cache, broadcast, nodes, access, pollers, deployment, observation and malformed input.
   */
  const NUMBERED: Readonly<Record<string, number>> = {
    L: 8,
    I: 11,
    P: 7,
    C: 6,
    B: 9,
    M: 5,
    A: 11,
    Q: 9,
    D: 7,
    O: 3,
    X: 1,
  };
  /** Cases in a browser: UI01 to UI33. */
  const BROWSER_CASES = 33;

  function isKnown(number: string, file: SourceFile): boolean {
    const [, letter = '', digits = ''] = /^(UI|[A-Z])(\d+)$/.exec(number) ?? [];
    if (letter === 'UI') {
      const isCase = digits.length === 2 && Number(digits) >= 1 && Number(digits) <= BROWSER_CASES;
      return isCase && file.name.startsWith('test/browser/');
    }
    return !digits.startsWith('0') && Number(digits) <= (NUMBERED[letter] ?? 0);
  }

  function* titlesIn(file: SourceFile): Generator<string> {
    for (const node of walkSyntax(file)) {
      if (!/^(it|test|describe)\b/.test(calleeOf(node) ?? '')) continue;
      const first = (node['arguments'] as { expression: unknown }[])[0];
      const title = textOf(first?.expression);
      if (title !== undefined) yield title;
    }
  }

  function claimsOf(title: string): string[] {
    return /^((?:(?:UI|[A-Z])\d+[ ,:]+)*)/.exec(title)![1]!.match(/(?:UI|[A-Z])\d+/g) ?? [];
  }

  it('claim only numbers that there are', () => {
    const unknown = findings(tests, (file) =>
      [...titlesIn(file)].flatMap(claimsOf).filter((number) => !isKnown(number, file)),
    );
    expect(unknown).toEqual([]);
  });

  it('leave out no case in a browser', () => {
    const inBrowser = tests.filter((file) => file.name.startsWith('test/browser/'));
    const claimed = new Set(inBrowser.flatMap((file) => [...titlesIn(file)].flatMap(claimsOf)));
    const missing = Array.from({ length: BROWSER_CASES }, (_, i) => `UI${String(i + 1).padStart(2, '0')}`);
    expect(missing.filter((number) => !claimed.has(number))).toEqual([]);
  });

  it.each([
    ["it('I3 keeps', f)", ['I3']],
    ["it.each([1])('I9 X1 is %s', f)", ['I9', 'X1']],
    ['describe(`L1 and more ${1}`, f)', ['L1']],
    ["it('UI07 names a browser case', f)", ['UI07']],
    ["it('UTF8 is no claim', f)", []],
    ["it('says I3', f)", []],
  ])('are read for their claims: %s', (text, claims) => {
    expect([...titlesIn({ name: 'test/planted.spec.ts', text })].flatMap(claimsOf)).toEqual(claims);
  });

  it.each(['I12', 'I0', 'L9', 'X2', 'Z1', 'B10', 'UI01', 'I03'])('may not claim %s', (number) => {
    expect(isKnown(number, { name: 'test/unit/planted.spec.ts', text: '' })).toBe(false);
  });

  function* leftOutIn(file: SourceFile): Generator<string> {
    for (const node of walkSyntax(file)) {
      const callee = calleeOf(node) ?? '';
      if (
        /^(it|test|describe)(\.\w+)*\.(skip|only|todo|skipIf|failing)\b|^(x|f)(it|test|describe)\b/.test(
          callee,
        )
      ) {
        yield callee;
      }
    }
  }

  it('all run: none is left out and none keeps the others out', () => {
    expect(findings(tests, leftOutIn)).toEqual([]);
  });

  it.each([
    'it.skip("a", f)',
    'describe.only("a", f)',
    'it.only.each([1])("a", f)',
    'xit("a", f)',
    'test.todo("a")',
  ])('are seen when they are left out: %s', (text) => {
    expect([...leftOutIn({ name: 'planted.spec.ts', text })].length).toBeGreaterThan(0);
  });
});

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** `it.each` of `it.each([1])('…')` and of `it.each([1])`; `Date.now` of `Date.now()`. */
function calleeOf(node: SyntaxNode): string | undefined {
  return node.type === 'CallExpression' ? nameOf(node['callee']) : undefined;
}

function nameOf(value: unknown): string | undefined {
  const node = value as SyntaxNode;
  if (node.type === 'Identifier') return String(node['value']);
  if (node.type === 'CallExpression') return nameOf(node['callee']);
  if (node.type !== 'MemberExpression') return undefined;
  const object = nameOf(node['object']);
  const property = node['property'] as SyntaxNode;
  return object === undefined || property.type !== 'Identifier'
    ? undefined
    : `${object}.${String(property['value'])}`;
}

function isIdentifier(value: unknown, name: string): boolean {
  return nameOf(value) === name;
}

function isEmpty(value: unknown): boolean {
  return !Array.isArray(value) || value.length === 0;
}
