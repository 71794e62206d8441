/** The exchange's hosts; BINANCE_REST_URL and BINANCE_WS_URL replace them in tests and the demo. */
export const BINANCE_REST_URL = 'https://fapi.binance.com';
export const BINANCE_WS_URL = 'wss://fstream.binance.com';

/** All mark prices every second. Without `/market` the exchange accepts the subscription and sends nothing. */
export function markPriceStreamUrl(wsUrl: string): string {
  return `${wsUrl}/market/ws/!markPrice@arr@1s`;
}

/** The forced orders of all symbols, as they happen; at most one a second and symbol. */
export function forcedOrderStreamUrl(wsUrl: string): string {
  return `${wsUrl}/market/ws/!forceOrder@arr`;
}
