/** The package `volspike-open-interest/client`: a copy of the board that follows a server, in browsers and in Node. */
export { followBoard, type Board, type FollowBoardOptions } from './followBoard.ts';
export type { BoardState, BoardStatus } from './boardState.ts';
export type { ClockOffset } from './clockOffset.ts';
export type { Retry } from './reconnect.ts';
export type { Refusal } from './refusals.ts';
export { followSocket, type FollowSocketOptions, type OpenInterestSocket } from './sync.socket.ts';
export { createBoardSync, type BoardSync } from './sync.driver.ts';
export type { SyncClock, SyncInput, SyncState } from './sync.types.ts';
export type {
  BoardBody,
  BoardPosition,
  BoardRow,
  BoardUpdate,
  OpenInterestAlert,
} from '../openInterest/openInterest.types.ts';
export type { Hello, Pulse, SessionEnd } from '../sockets/sockets.types.ts';
