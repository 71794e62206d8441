import type { DemoUser } from './users.ts';

/** The demo's output on the terminal. One fact a line, so that scripts can read it too. */

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A progress bar on a terminal, else a line at the end. */
export function createProgress(what: string): { show(share: number): void; done(result: string): void } {
  const isTerminal = process.stdout.isTTY;
  let shown = -1;
  if (!isTerminal) say(`${what} …`);
  return {
    show(share) {
      const percent = Math.floor(share * 100);
      if (!isTerminal || percent === shown) return;
      shown = percent;
      const filled = Math.round(share * 30);
      process.stdout.write(`\r${what} [${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${percent}%`);
    },
    done(result) {
      say(`${isTerminal ? '\r\u001b[K' : ''}${what}: ${result}`);
    },
  };
}

export function describeAccess(options: {
  url: string;
  operatorKey: string;
  ingestKey: string;
  users: readonly DemoUser[];
}): string[] {
  const { url, operatorKey, ingestKey, users } = options;
  return [
    `address  ${url}`,
    `operator key  ${operatorKey}`,
    `ingest key  ${ingestKey}`,
    ...users.map(({ name, token }) => `${name} token  ${token}`),
  ];
}

export function describeFirstSteps(options: {
  url: string;
  operatorKey: string;
  proToken: string;
  exchangeUrl: string;
  receiverUrl: string;
}): string[] {
  const { url, operatorKey, proToken, exchangeUrl, receiverUrl } = options;
  return [
    '',
    'Does it flow?   ' + `curl -H 'X-API-Key: ${operatorKey}' ${url}/debug/doctor`,
    'One symbol:     ' + `curl -H 'X-API-Key: ${operatorKey}' ${url}/debug/trace/BTCUSDT`,
    'The board:      ' + `curl -H 'Authorization: Bearer ${proToken}' ${url}/api/market/open-interest/board`,
    `Every route:    ${url}/docs`,
    `The exchange:   curl ${exchangeUrl}/simulator/stats`,
    '',
    `The dashboard:  ${url}, where you sign in as one of the demo users`,
    `Its alerts:     ${url}/alerts has the rules of demo-pro`,
    `Sent alerts:    ${receiverUrl} receives what these rules fire, the first within two minutes`,
    '',
    'The exchange is simulated; everything behind it is the real thing. Ctrl-C ends it.',
  ];
}
