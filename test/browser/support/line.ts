import type { Page, WebSocketRoute } from 'playwright-core';

export type Line = {
  attach(page: Page): Promise<void>;
  /** Closes what is open, and nothing comes through until `mend`. */
  cut(): Promise<void>;
  mend(): void;
};

/** The way of a page to the server's sockets, which can be cut. Whatever else the page asks goes through. */
export function cuttableLine(): Line {
  let isCut = false;
  let open: WebSocketRoute[] = [];
  return {
    async attach(page) {
      await page.routeWebSocket(/\/socket\.io\//, async (socket) => {
        if (isCut) return socket.close();
        open.push(socket);
        socket.connectToServer();
      });
      await page.route('**/socket.io/**', (route) => (isCut ? route.abort() : route.continue()));
    },
    async cut() {
      isCut = true;
      const closing = open;
      open = [];
      for (const socket of closing) await socket.close();
    },
    mend() {
      isCut = false;
    },
  };
}
