export type Turns = { longestTurnMs: number; longestTurnCpuMs: number };

/**
 * Watches the turns of the event loop; answers the longest one, in ms of time and in ms of this process's CPU time, which
 * other programs on the machine do not lengthen.
 */
export function watchTurns(): () => Turns {
  const longest: Turns = { longestTurnMs: 0, longestTurnCpuMs: 0 };
  let running = true;
  let turnedAt = performance.now();
  let cpuAt = cpuMs(process.cpuUsage());
  (function turn() {
    const now = performance.now();
    const cpu = cpuMs(process.cpuUsage());
    longest.longestTurnMs = Math.max(longest.longestTurnMs, now - turnedAt);
    longest.longestTurnCpuMs = Math.max(longest.longestTurnCpuMs, cpu - cpuAt);
    turnedAt = now;
    cpuAt = cpu;
    if (running) setImmediate(turn);
  })();
  return () => {
    running = false;
    return longest;
  };
}

export function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}
