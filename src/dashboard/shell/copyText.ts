import type { Dashboard } from '../dashboard.ts';

/** Copies a text and says so. Browsers offer no clipboard to pages without https: the notice shows the text instead. */
export async function copyText({ page }: Dashboard, text: string): Promise<void> {
  const notice = await navigator.clipboard?.writeText(text).then(
    () => `Copied: ${text}`,
    () => null,
  );
  page.setState({ notice: notice ?? `The browser does not let this page copy. Copy by hand: ${text}` });
}
