/** The page of a symbol; names are not all Latin. */
export function symbolPath(symbol: string): string {
  return `/s/${encodeURIComponent(symbol)}`;
}

/** The symbol whose page a path is, in capitals as exchanges name it; `null`: another page. */
export function symbolOfPath(path: string): string | null {
  const name = /^\/s\/([^/]+)\/?$/i.exec(path)?.[1];
  if (name === undefined) return null;
  try {
    return decodeURIComponent(name).toLocaleUpperCase('en-US');
  } catch {
    return null;
  }
}
