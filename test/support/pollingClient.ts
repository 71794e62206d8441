export type PollingClient = {
  send(body: string): Promise<Response>;
  poll(): Promise<Response>;
};

/** A client of the polling transport that sends only what the test sends. */
export async function openPollingClient(server: { url: string }): Promise<PollingClient> {
  const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const opening = await (await fetch(url)).text();
  const { sid } = JSON.parse(opening.slice(1)) as { sid: string };
  return {
    send: (body) =>
      fetch(`${url}&sid=${sid}`, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain;charset=UTF-8' },
        body,
      }),
    poll: () => fetch(`${url}&sid=${sid}`),
  };
}
