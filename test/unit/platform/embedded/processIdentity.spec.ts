import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { processCommand, processMark } from '../../../../src/platform/embedded/processIdentity.ts';

describe('processMark', () => {
  it('is constant for a process, differs between processes, and is null after the end of one', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const mark = processMark(pid);
    expect(mark).not.toBeNull();
    expect(processMark(pid)).toBe(mark);
    expect(processMark(process.pid)).not.toBe(mark);
    expect(processCommand(pid)).toContain('sleep 60');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processMark(pid)).toBeNull();
    expect(processCommand(pid)).toBe('');
  });

  it('is null for an invalid process number', () => {
    for (const pid of [0, -1, Number.NaN, 1.5]) expect(processMark(pid)).toBeNull();
  });
});
