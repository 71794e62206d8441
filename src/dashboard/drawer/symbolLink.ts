import { SYMBOL_PLACE } from '../../openInterest/operator/dashboard.types.ts';

/** The address of a symbol's page; names are not all Latin. */
export function symbolLink(template: string, symbol: string): string {
  return template.replaceAll(SYMBOL_PLACE, encodeURIComponent(symbol));
}
