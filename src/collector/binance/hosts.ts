/** Where the exchange lives; the settings BINANCE_REST_URL and BINANCE_WS_URL stand for these in tests and demo. */
export const BINANCE_REST_URL = 'https://fapi.binance.com';
export const BINANCE_WS_URL = 'wss://fstream.binance.com';

/** All mark prices every second. Without `/market` the exchange takes the subscription and stays silent. */
export function markPriceStreamUrl(wsUrl: string): string {
  return `${wsUrl}/market/ws/!markPrice@arr@1s`;
}
