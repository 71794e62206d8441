import type { Page } from 'playwright-core';

/** Lays hands on whole boards on their way to the page, by HTTP and by socket. */
export async function changeBoards(page: Page, change: (body: string) => string): Promise<void> {
  await page.route('**/api/market/open-interest/board', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) =>
      socket.send(typeof message === 'string' && message.includes('"full":true') ? change(message) : message),
    );
  });
}
