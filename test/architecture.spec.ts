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

/** One `file: what` for everything that `find` yields; expected to be empty. */
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
   * The parser of dependency-cruiser does not support JSX, so a component is reduced to its imports, as `Name.tsx.ts`, and
   * imported by that name.
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

  it('point only where allowed, without a cycle', async () => {
    const { files, violations } = await cruise();
    expect(files.toSorted(byName)).toEqual(sources.map(({ name }) => name).toSorted(byName));
    expect(violations).toEqual([]);
  }, 120_000);

  it('are reported where they point the wrong way', async () => {
    const planted: [string, string, string][] = [
      ['kit-imports', 'src/kit/planted.ts', '../access/access.types.ts'],
      ['types-imports', 'src/openInterest/planted.types.ts', './board/board.ts'],
      ['types-imports', 'src/openInterest/planted.shared.ts', 'pino'],
      ['platform-imports', 'src/platform/planted.ts', '../openInterest/board/board.ts'],
      ['access-imports', 'src/access/planted.ts', '../platform/redis/redis.ts'],
      ['openInterest-imports', 'src/openInterest/planted.ts', '../access/access.module.ts'],
      ['openInterest-ingest-imports', 'src/openInterest/ingest/planted.ts', '../cluster/repair.ts'],
      ['openInterest-board-imports', 'src/openInterest/board/planted.ts', '../history/partitions.ts'],
      ['openInterest-history-imports', 'src/openInterest/history/planted.ts', '../cluster/repair.ts'],
      [
        'openInterest-cluster-imports',
        'src/openInterest/cluster/planted.ts',
        '../operator/operator.module.ts',
      ],
      ['openInterest-alerts-imports', 'src/openInterest/alerts/planted.ts', '../universe/universe.ts'],
      ['openInterest-universe-imports', 'src/openInterest/universe/planted.ts', '../board/board.ts'],
      ['openInterest-rules-imports', 'src/openInterest/rules/planted.ts', '../operator/operator.module.ts'],
      ['openInterest-delivery-imports', 'src/openInterest/delivery/planted.ts', '../board/board.ts'],
      ['openInterest-operator-imports', 'src/openInterest/operator/planted.ts', '../cluster/repair.ts'],
      ['sockets-imports', 'src/sockets/planted.ts', '../platform/database/postgres.ts'],
      ['server-imports', 'src/server/planted.ts', '../simulator/market/market.ts'],
      ['collector-imports', 'src/collector/planted.ts', '../platform/database/postgres.ts'],
      ['collector-process-imports', 'src/collector/process/planted.ts', '../server/client.ts'],
      ['collector-outbound-imports', 'src/collector/outbound/planted.ts', '../process/deadline.ts'],
      ['collector-store-imports', 'src/collector/store/planted.ts', '../spool/spool.ts'],
      ['collector-server-imports', 'src/collector/server/planted.ts', '../spool/spool.ts'],
      ['collector-binance-imports', 'src/collector/binance/planted.ts', '../server/client.ts'],
      ['collector-spool-imports', 'src/collector/spool/planted.ts', '../poller/poller.ts'],
      ['collector-heartbeat-imports', 'src/collector/heartbeat/planted.ts', '../poller/poller.ts'],
      ['collector-metrics-imports', 'src/collector/metrics/planted.ts', '../server/client.ts'],
      ['collector-markPrices-imports', 'src/collector/markPrices/planted.ts', '../spool/spool.ts'],
      ['collector-proxy-imports', 'src/collector/proxy/planted.ts', '../server/client.ts'],
      ['collector-liquidUniverse-imports', 'src/collector/liquidUniverse/planted.ts', '../binance/client.ts'],
      ['collector-alerts-imports', 'src/collector/alerts/planted.ts', '../poller/poller.ts'],
      ['collector-backfill-imports', 'src/collector/backfill/planted.ts', '../poller/poller.ts'],
      ['collector-poller-imports', 'src/collector/poller/planted.ts', '../parts.ts'],
      ['collector-snapshots-imports', 'src/collector/snapshots/planted.ts', '../server/client.ts'],
      ['simulator-imports', 'src/simulator/planted.ts', '../server/config.ts'],
      ['simulator-facts-imports', 'src/simulator/facts/planted.ts', '../market/market.ts'],
      ['simulator-market-imports', 'src/simulator/market/planted.ts', '../exchange/rows.ts'],
      ['simulator-faults-imports', 'src/simulator/faults/planted.ts', '../exchange/rest.ts'],
      ['simulator-exchange-imports', 'src/simulator/exchange/planted.ts', '../stream/stream.ts'],
      ['simulator-stream-imports', 'src/simulator/stream/planted.ts', '../faults/faults.ts'],
      ['client-imports', 'src/client/planted.ts', '../dashboard/live/live.ts'],
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
  it('names the host of the exchange in src/collector/binance/ only; the dashboard may link to its pages', () => {
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

  it('has no file longer than 250 lines', () => {
    const long = findings(sources, ({ text }) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > 250 ? [`${lines} lines`] : [];
    });
    expect(long).toEqual([]);
  });

  it('has no utils, helpers, common or index file', () => {
    const named = sources.filter(({ name }) =>
      /(^|[/.])(utils?|helpers?|common)\b|\/index\.tsx?$/i.test(name),
    );
    expect(named.map((it) => it.name)).toEqual([]);
  });

  it('exports by name only', () => {
    // A declaration describes what the bundler makes of a picture.
    const written = sources.filter(({ name }) => !name.endsWith('.d.ts'));
    const anonymous = findings(written, function* (file) {
      for (const { type } of walkSyntax(file)) {
        if (type === 'ExportDefaultDeclaration' || type === 'ExportDefaultExpression') yield type;
      }
    });
    expect(anonymous).toEqual([]);
  });

  it('reads the system clock in src/kit/clock.ts only; the dashboard has no other clock', () => {
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
        // Lower case only, so that a sentence that starts with "Select" does not match.
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
    ])('where it is recognized: %j', (statement) => {
      const text = `const a = \`${statement}\`;\nconst b = ${JSON.stringify(statement)};\n// ${statement.split('\n')[0]}`;
      expect([...statementsIn({ name: 'planted.ts', text })]).toHaveLength(2);
    });

    it.each(['select 1', 'Select a row from the table.', 'Delete from the list', 'an update'])(
      'and prose is not mistaken for it: %j',
      (text) => {
        expect([...statementsIn({ name: 'planted.ts', text: `const a = '${text}';` })]).toEqual([]);
      },
    );

    it('in repositories, the platform and the store of the collector only', () => {
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
  /** `- I1 …` and `- **L1** …` of design.md. */
  const invariants = Array.from(
    readDocument('docs/oi_realtime/design.md').matchAll(/^- (?:\*\*)?([A-Z]\d+)\b/gm),
    (match) => match[1]!,
  );

  function* titlesIn(file: SourceFile): Generator<string> {
    for (const node of walkSyntax(file)) {
      if (!/^(it|test|describe)\b/.test(calleeOf(node) ?? '')) continue;
      const first = (node['arguments'] as { expression: unknown }[])[0];
      const title = textOf(first?.expression);
      if (title !== undefined) yield title;
    }
  }

  /** The numbers at the start of a title. */
  function claimsOf(title: string): string[] {
    return /^((?:(?:UI|[A-Z])\d+[ ,:]+)*)/.exec(title)![1]!.match(/(?:UI|[A-Z])\d+/g) ?? [];
  }

  function claimsIn(file: SourceFile): string[] {
    return [...titlesIn(file)].flatMap(claimsOf);
  }

  const claims = tests.map((file) => ({
    isBrowserSpec: file.name.startsWith('test/browser/'),
    numbers: claimsIn(file),
  }));

  const isCase = (number: string) => number.startsWith('UI');

  it('claim each invariant and lesson of design.md, and no number that it does not define', () => {
    expect(new Set(invariants).size).toBe(invariants.length);
    expect(invariants.length).toBeGreaterThan(70);
    const claimed = new Set(claims.flatMap((it) => it.numbers).filter((number) => !isCase(number)));
    expect([...claimed].toSorted(byName)).toEqual(invariants.toSorted(byName));
  });

  it('number the browser cases UI01, UI02, … without a hole, in test/browser/ only', () => {
    const casesIn = (files: typeof claims) => files.flatMap((it) => it.numbers).filter(isCase);
    const cases = [...new Set(casesIn(claims.filter((it) => it.isBrowserSpec)))].toSorted(byName);
    expect(cases).toEqual(cases.map((_, i) => `UI${String(i + 1).padStart(2, '0')}`));
    expect(cases.length).toBeGreaterThan(30);
    expect(casesIn(claims.filter((it) => !it.isBrowserSpec))).toEqual([]);
  });

  it.each([
    ["it('I3 keeps', f)", ['I3']],
    ["it.each([1])('I9 X1 is %s', f)", ['I9', 'X1']],
    ['describe(`L1 and more ${1}`, f)', ['L1']],
    ["it('UI07 names a browser case', f)", ['UI07']],
    ["it('UTF8 is no claim', f)", []],
    ["it('says I3', f)", []],
  ])('are parsed for claims: %s', (text, numbers) => {
    expect(claimsIn({ name: 'test/planted.spec.ts', text })).toEqual(numbers);
  });

  function* leftOutIn(file: SourceFile): Generator<string> {
    for (const node of walkSyntax(file)) {
      const name = nameOf(node) ?? '';
      if (
        /^(it|test|describe)(\.\w+)*\.(skip|only|todo|skipIf|failing)$|^[xf](it|test|describe)$/.test(name)
      ) {
        yield name;
      }
    }
  }

  it('all run: none is skipped or focused', () => {
    expect(findings(tests, leftOutIn)).toEqual([]);
  });

  it.each([
    'it.skip("a", f)',
    'describe.only("a", f)',
    'it.only.each([1])("a", f)',
    'xit("a", f)',
    'test.todo("a")',
    'const itWithTool = hasTool ? it : it.skip;',
  ])('cannot be skipped or focused unnoticed: %s', (text) => {
    expect([...leftOutIn({ name: 'planted.spec.ts', text })].length).toBeGreaterThan(0);
  });
});

describe('the documents', () => {
  const documents = [
    ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'src/client/README.md'],
    ...filesBelow('docs', '.md'),
    ...filesBelow('deploy', '.md'),
  ];

  it('link to files and headings that exist', () => {
    const broken = documents.flatMap((name) =>
      Array.from(readDocument(name).matchAll(/\]\(([^()\s]+)\)/g), (match) => match[1]!)
        .filter((link) => !/^[a-z]+:/.test(link) && !exists(name, link))
        .map((link) => `${name}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  function exists(from: string, link: string): boolean {
    const [file = '', heading] = link.split('#');
    const target = file === '' ? from : path.posix.join(path.posix.dirname(from), file);
    if (!fs.existsSync(path.join(REPOSITORY, target))) return false;
    return heading === undefined || headingsOf(readDocument(target)).includes(heading);
  }

  /** As GitHub derives an anchor from a heading. */
  function headingsOf(text: string): string[] {
    return Array.from(text.matchAll(/^#+ (.+)$/gm), (match) =>
      match[1]!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    );
  }

  it('number the decision records without a hole and list them under their titles', () => {
    const records = filesBelow('docs/decisions', '.md').filter((name) => !name.endsWith('README.md'));
    const lines = records.map((name, i) => {
      const file = path.posix.basename(name);
      expect(file).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
      return `- [${readDocument(name).split('\n')[0]!.slice(2)}](${file})`;
    });
    expect(readDocument('docs/decisions/README.md').match(/^- .*$/gm)).toEqual(lines);
  });
});

function readDocument(name: string): string {
  return fs.readFileSync(path.join(REPOSITORY, name), 'utf8');
}

/** From the root of the repository, sorted. */
function filesBelow(folder: string, extension: string): string[] {
  return fs
    .readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => path.posix.join(folder, name))
    .toSorted(byName);
}

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
