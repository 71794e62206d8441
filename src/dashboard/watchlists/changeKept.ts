import { ApiError } from '../live/api.ts';

const MOST_TRIES = 5;

/**
 * Applies a change to a document that is replaced by its version, and answers the stored one. If another page was
 * faster, the change is applied again to what that page saved. `change` answers the same object if nothing changes.
 */
export async function changeKept<Document extends { readonly version: number }>(
  known: Document,
  change: (document: Document) => Document,
  server: { read: () => Promise<Document>; replace: (document: Document) => Promise<Document> },
): Promise<Document> {
  let document = known;
  for (let tries = 1; ; tries++) {
    const next = change(document);
    if (next === document) return document;
    try {
      return await server.replace(next);
    } catch (thrown) {
      const isChanged = thrown instanceof ApiError && thrown.status === 412;
      if (!isChanged || tries === MOST_TRIES) throw thrown;
      document = await server.read();
    }
  }
}

/** What is wrong with a document before it is sent, or what the server refused. */
export function describeFault(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) throw thrown;
  const details = thrown.details.map(({ path, message }) => `${path.replace(/^.*\./, '')} ${message}`);
  return details.length > 0 ? details.join('; ') : thrown.message;
}
