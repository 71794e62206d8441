/** A command of a document, verbatim, and the response that the document shows. */
export type DocumentBlock = {
  /** Where it begins. */
  line: number;
  /** The heading above it. */
  title: string;
  code: string;
  /** The statuses stated at the ends of its lines, `# 200`, in order. */
  statuses: string[];
  /** The answer that is shown right behind it, if one is. */
  shown?: { language: string; text: string };
};

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The blocks marked `sh`, which run verbatim. */
export function readDocumentBlocks(markdown: string): DocumentBlock[] {
  const fences = [...markdown.matchAll(FENCE)];
  return fences.flatMap((fence, i) => {
    const [whole, language, code = ''] = fence;
    if (language !== 'sh') return [];
    const before = markdown.slice(0, fence.index);
    const next = fences[i + 1];
    const between = next && markdown.slice(fence.index + whole.length, next.index);
    return [
      {
        line: before.split('\n').length,
        // A comment in a command looks like a heading.
        title: [...before.replaceAll(FENCE, '').matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '',
        code,
        statuses: Array.from(code.matchAll(/# (\d{3})$/gm), (match) => match[1]!),
        ...(next && between?.trim() === '' && next[1] !== 'sh'
          ? { shown: { language: next[1] ?? '', text: next[2] ?? '' } }
          : {}),
      },
    ];
  });
}
