import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export type ConnectProxy = {
  url: string;
  /** The request lines: `GET http://host:1/path`, `CONNECT host:443`. */
  asked: string[];
  /** The Proxy-Authorization of each, in the same order. */
  authorizations: (string | undefined)[];
  close(): Promise<void>;
};

/** A real HTTP proxy on loopback that finds every host on this machine: by absolute URL, and by CONNECT. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const tunnels = new Set<net.Socket>();
  const server = http.createServer((request, response) => {
    const target = new URL(request.url!);
    asked.push(`${request.method} ${target.href}`);
    authorizations.push(request.headers['proxy-authorization']);
    const onwards = http.request(
      {
        host: '127.0.0.1',
        port: target.port,
        path: target.pathname + target.search,
        method: request.method,
        headers: { ...request.headers, host: target.host },
      },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    onwards.on('error', () => response.destroy());
    request.pipe(onwards);
  });
  server.on('connect', (request: http.IncomingMessage, client: net.Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url}`);
    authorizations.push(request.headers['proxy-authorization']);
    const onwards = net.connect({ host: '127.0.0.1', port: Number(request.url!.split(':').at(-1)) }, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onwards.write(head);
      onwards.pipe(client).pipe(onwards);
    });
    for (const [socket, other] of [
      [client, onwards],
      [onwards, client],
    ] as const) {
      tunnels.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        tunnels.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    authorizations,
    async close() {
      for (const socket of tunnels) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
