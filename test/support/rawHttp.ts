import { connect, type Socket } from 'node:net';

/** Bytes on a plain TCP connection, for what no HTTP client would send. Loopback only. */
export type RawConnection = {
  write(bytes: string | Uint8Array): void;
  /** Everything received since the last call, once `isEnough` returns true or the other side has closed. */
  read(isEnough: (text: string) => boolean): Promise<string>;
  /** Settles when the other side has closed the connection. */
  closed: Promise<void>;
  end(): void;
};

export type RawAnswer = { status: number; headers: Map<string, string>; body: string };

export function openRawConnection(port: number): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(wrap(socket));
    });
  });
}

/** Sends `bytes` and answers the first response, or `null` when the connection was closed without one. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawAnswer | null> {
  const connection = await openRawConnection(port);
  try {
    connection.write(bytes);
    return parseRawAnswer(await connection.read(isWholeAnswer));
  } finally {
    connection.end();
  }
}

/** True once the head is there, and as much body as it promises. */
export function isWholeAnswer(text: string): boolean {
  const answer = parseRawAnswer(text);
  if (answer === null || !text.includes('\r\n\r\n')) return false;
  return Buffer.byteLength(answer.body) >= Number(answer.headers.get('content-length') ?? 0);
}

export function parseRawAnswer(text: string): RawAnswer | null {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) return null;
  const headers = new Map(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()];
    }),
  );
  return { status: Number(status), headers, body: rest.join('\r\n\r\n') };
}

function wrap(socket: Socket): RawConnection {
  let text = '';
  let wake: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    // A reset after the answer is as good an end as a close.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
      wake();
    });
  });
  socket.on('data', (bytes) => {
    text += bytes.toString('utf8');
    wake();
  });

  return {
    write: (bytes) => void socket.write(bytes),
    async read(isEnough) {
      while (!isEnough(text) && !socket.closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const given = text;
      text = '';
      return given;
    },
    closed,
    end: () => void socket.destroy(),
  };
}
