import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from '@swc/core';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');

export type SourceFile = {
  /** From the root of the repository, with slashes: `src/kit/clock.ts`. */
  name: string;
  text: string;
};

/** Every TypeScript file below a folder of the repository. */
export function readSourceFiles(folder: string): SourceFile[] {
  return fs
    .readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .toSorted()
    .map((name) => ({ name, text: fs.readFileSync(path.join(REPOSITORY, name), 'utf8') }));
}

/** The used part of a syntax tree node. */
export type SyntaxNode = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Every node of a file, each before those inside it. */
export function* walkSyntax({ name, text }: SourceFile): Generator<SyntaxNode> {
  const tree: unknown = parseSync(text, {
    syntax: 'typescript',
    tsx: name.endsWith('.tsx'),
    target: 'es2022',
  });
  yield* walk(tree);
}

function* walk(value: unknown): Generator<SyntaxNode> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  for (const part of Object.values(value)) yield* walk(part);
}

function isNode(value: object): value is SyntaxNode {
  return 'type' in value && typeof value.type === 'string';
}

/** The text of a literal; in a template each expression is written as `…`. */
export function textOf(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !isNode(node)) return undefined;
  if (node.type === 'StringLiteral') return String(node['value']);
  if (node.type !== 'TemplateLiteral') return undefined;
  const quasis = node['quasis'];
  if (!Array.isArray(quasis)) return undefined;
  return quasis.map((part: { cooked?: string | null; raw: string }) => part.cooked ?? part.raw).join('…');
}

/** The modules a file names, types included: `./clock.ts`, `zod`. */
export function importsOf(file: SourceFile): string[] {
  const sources: string[] = [];
  for (const node of walkSyntax(file)) {
    const source = /^(Import|ExportNamed|ExportAll|Export)Declaration$/.test(node.type)
      ? node['source']
      : undefined;
    const text = textOf(source);
    if (text !== undefined) sources.push(text);
  }
  return sources;
}
