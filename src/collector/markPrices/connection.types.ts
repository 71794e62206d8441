/** How the connection that prices come by is doing. Times are epoch ms. */
export type Connection = {
  /** Open, and prices come. */
  connected: boolean;
  /** When prices last began to come. */
  lastConnectedAt: number | null;
  /** In a row, since prices last came. */
  reconnectAttempts: number;
  /** Prices, not messages: the original counts them so. */
  messagesReceived: number;
  lastMessageAt: number | null;
};
