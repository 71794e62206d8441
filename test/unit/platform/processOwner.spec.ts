import { describe, expect, it } from '@jest/globals';
import { chooseProcessOwner, type CommandProbe } from '../../../src/platform/embedded/processOwner.ts';

const ALL: CommandProbe = () => true;
const NONE: CommandProbe = () => false;
const only =
  (program: string): CommandProbe =>
  (file) =>
    file === program;

describe('chooseProcessOwner', () => {
  it('runs the database as it is for an ordinary user, and has it end with its owner', () => {
    const owner = chooseProcessOwner(ALL, false);
    expect(owner).toMatchObject({ how: 'direct', uid: undefined });
    expect(owner.command('postgres', ['-D', 'x'])).toEqual({
      file: 'setpriv',
      args: ['--pdeathsig', 'INT', 'postgres', '-D', 'x'],
    });
  });

  it('does without setpriv where there is none', () => {
    expect(chooseProcessOwner(NONE, false).command('postgres', ['-D', 'x'])).toEqual({
      file: 'postgres',
      args: ['-D', 'x'],
    });
    expect(chooseProcessOwner(only('unshare'), true).command('postgres', [])).toEqual({
      file: 'unshare',
      args: ['-U', 'postgres'],
    });
  });

  it('gives root a user namespace', () => {
    const owner = chooseProcessOwner(ALL, true);
    expect(owner).toMatchObject({ how: 'user namespace', uid: undefined });
    expect(owner.command('postgres', []).args.slice(0, 2)).toEqual(['-U', 'setpriv']);
  });

  it('runs as nobody when root has no user namespaces', () => {
    const owner = chooseProcessOwner(only('setpriv'), true);
    expect(owner).toMatchObject({ how: 'nobody', uid: 65_534 });
    expect(owner.command('postgres', []).args).toContain('--reuid=65534');
  });

  it('refuses root that can neither, and says what to do', () => {
    expect(() => chooseProcessOwner(NONE, true)).toThrow(/Run as another user, or set DATABASE_URL/);
  });
});
