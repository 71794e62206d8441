import { describe, expect, it } from '@jest/globals';
import {
  chooseProcessOwner,
  type Account,
  type CommandProbe,
} from '../../../../src/platform/embedded/processOwner.ts';

const USER: Account = { isRoot: false, hasName: true };
const NAMELESS: Account = { isRoot: false, hasName: false };
const ROOT: Account = { isRoot: true, hasName: true };

const ALL: CommandProbe = () => true;
const NONE: CommandProbe = () => false;
const only =
  (program: string): CommandProbe =>
  (file) =>
    file === program;

describe('chooseProcessOwner', () => {
  it('runs the database unchanged for an ordinary user, and ends it with its owner', () => {
    const owner = chooseProcessOwner(ALL, USER);
    expect(owner).toMatchObject({ how: 'direct', uid: undefined });
    expect(owner.command('postgres', ['-D', 'x'])).toEqual({
      file: 'setpriv',
      args: ['--pdeathsig', 'INT', 'postgres', '-D', 'x'],
    });
  });

  it('works without setpriv', () => {
    expect(chooseProcessOwner(NONE, USER).command('postgres', ['-D', 'x'])).toEqual({
      file: 'postgres',
      args: ['-D', 'x'],
    });
    expect(chooseProcessOwner(only('unshare'), ROOT).command('postgres', [])).toEqual({
      file: 'unshare',
      args: ['-U', 'postgres'],
    });
  });

  it.each([ROOT, NAMELESS])('wraps root, and a user without a name, in a user namespace', (account) => {
    const owner = chooseProcessOwner(ALL, account);
    expect(owner).toMatchObject({ how: 'user namespace', uid: undefined });
    expect(owner.command('postgres', []).args.slice(0, 2)).toEqual(['-U', 'setpriv']);
  });

  it('runs as the user nobody when root has no user namespaces', () => {
    const owner = chooseProcessOwner(only('setpriv'), ROOT);
    expect(owner).toMatchObject({ how: 'nobody', uid: 65_534 });
    expect(owner.command('postgres', []).args).toContain('--reuid=65534');
  });

  it('fails with the remedy when none of these work', () => {
    const advice = /Run as an ordinary user, or set DATABASE_URL/;
    expect(() => chooseProcessOwner(NONE, ROOT)).toThrow(advice);
    // Only root may change its user.
    expect(() => chooseProcessOwner(only('setpriv'), NAMELESS)).toThrow(advice);
  });
});
