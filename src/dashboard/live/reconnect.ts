const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** How long to wait before try `attempt` (from 1): doubling, spread by half, so that clients do not come back as one. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) * (0.5 + random);
}

/** Refusals that trying again cannot mend: whoever holds the session has to sign in. */
export function endsSession(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    (code.startsWith('token_') || code === 'unauthorized' || code === 'no_session')
  );
}
