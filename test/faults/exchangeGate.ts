import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer that stands for every answer of the exchange. */
export type FixedAnswer = {
  status: number;
  body: string;
  contentType?: string;
  headers?: Record<string, string>;
};

/** Stands before the exchange's REST side, for answers that the simulated exchange does not have. */
export type ExchangeGate = {
  url: string;
  /** `null`: the exchange answers for itself. */
  answer(fixed: FixedAnswer | null): void;
  /** Answers of each status since the last `answer`. */
  answered(): ReadonlyMap<number, number>;
  close(): Promise<void>;
};

export async function startExchangeGate(exchangePort: number): Promise<ExchangeGate> {
  let fixed: FixedAnswer | null = null;
  const answered = new Map<number, number>();
  const note = (status: number): void => void answered.set(status, (answered.get(status) ?? 0) + 1);
  const agent = new http.Agent({ keepAlive: true });

  const server = http.createServer((request, response) => {
    if (fixed !== null) {
      note(fixed.status);
      response.writeHead(fixed.status, {
        'Content-Type': fixed.contentType ?? 'application/json;charset=UTF-8',
        ...fixed.headers,
      });
      response.end(fixed.body);
      return;
    }
    const { method, headers, url } = request;
    const onwards = http.request(
      { host: '127.0.0.1', port: exchangePort, agent, method, headers, path: url },
      (answer) => {
        note(answer.statusCode ?? 0);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    // An exchange that is down or breaks off looks so from this side as well.
    onwards.on('error', () => response.destroy());
    response.on('close', () => onwards.destroy());
    request.pipe(onwards);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer(next) {
      fixed = next;
      answered.clear();
    },
    answered: () => answered,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
