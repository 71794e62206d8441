import fs from 'node:fs';

/** Megabytes of memory of a process, and its peak since its start or the last reset (Linux). */
export function readMemory(pid: number): { nowMb: number; peakMb: number } {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024;
  return { nowMb: read('VmRSS'), peakMb: read('VmHWM') };
}

/** From here on the peak is that of what follows. */
export function resetPeakMemory(pid: number): void {
  fs.writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** How many of the connections to `port` from these client ports the serving side still has open (Linux, IPv4 loopback). */
export function countOpenConnections(port: number, clientPorts: ReadonlySet<number>): number {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    fs.readFileSync(file, 'utf8').trim().split('\n').slice(1),
  );
  const portOf = (address = '') => Number.parseInt(address.split(':')[1] ?? '', 16);
  return lines.filter((line) => {
    const [, local, remote, state] = line.trim().split(/\s+/);
    return state === '01' && portOf(local) === port && clientPorts.has(portOf(remote));
  }).length;
}
