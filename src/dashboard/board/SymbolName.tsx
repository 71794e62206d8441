import { splitSymbol } from '../alerts/feed.ts';

/** The base is what is read; the quote may be cut. */
export function SymbolName({ symbol }: { symbol: string }) {
  const { base, quote } = splitSymbol(symbol);
  return (
    <span className="symbol" title={symbol}>
      <b>{base}</b>
      <span className="quote">{quote}</span>
    </span>
  );
}
