import fs from 'node:fs';

/** Numbers of the processes that `pid` has started and that still run (Linux). */
export function childProcesses(pid: number): number[] {
  const children: number[] = [];
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${entry}/stat`, 'utf8');
      // After the name in parentheses: state, then the parent's number.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) === pid) children.push(Number(entry));
    } catch {
      // It has ended in between.
    }
  }
  return children;
}
