/**
 * A program for `NODE_OPTIONS` of a server: writes `own lag {…}` every `everyMs`, how late the turns of its event loop came
 * by its own doing. A turn that was late and took no processor time was held up by the machine, so the time it took counts,
 * up to how late it was.
 */
export function watchOwnLag(everyMs: number): string {
  const program = `
  let own = [], at = performance.now(), cpu = process.cpuUsage();
  setInterval(() => {
    const now = performance.now(), used = process.cpuUsage(cpu);
    own.push(Math.min(now - at - 10, (used.user + used.system) / 1000));
    at = now;
    cpu = process.cpuUsage();
  }, 10).unref();
  setInterval(() => {
    own.sort((a, b) => a - b);
    const rounded = (ms) => Math.round(ms);
    console.log('own lag ' + JSON.stringify({ p99Ms: rounded(own[Math.floor(own.length * 0.99)]), maxMs: rounded(own.at(-1)) }));
    own = [];
  }, ${everyMs}).unref();`;
  return `--import=data:text/javascript,${encodeURIComponent(program)}`;
}

/** Its output so far. */
export function readOwnLags(output: string): { p99Ms: number; maxMs: number }[] {
  return Array.from(
    output.matchAll(/^own lag (.*)$/gm),
    ([, json]) => JSON.parse(json!) as { p99Ms: number; maxMs: number },
  );
}
