import { BoardBody } from '../../openInterest/openInterest.types.ts';
import { getJson } from './api.ts';

/** The board by HTTP, for the first paint. `null` when it cannot be had: the socket will bring it. */
export async function readBoard(): Promise<BoardBody | null> {
  try {
    return await getJson('/api/market/open-interest/board', BoardBody);
  } catch {
    return null;
  }
}
