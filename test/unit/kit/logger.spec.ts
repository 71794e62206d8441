import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { programFile } from '../../support/programs.ts';

it('a line is written when the call returns, so an exit neither loses nor moves it', () => {
  const program = `
    import { writeSync } from 'node:fs';
    import { createLogger } from ${JSON.stringify(pathToFileURL(programFile('dist/kit/logger.js')).href)};
    const logger = createLogger({ level: 'info', name: 'test' });
    for (const msg of ['first', 'second', 'third']) logger.info(msg);
    writeSync(1, 'written after the lines\\n');
    process.exit(0);
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(output.trim().split('\n').map(textOf)).toEqual([
    'first',
    'second',
    'third',
    'written after the lines',
  ]);
});

function textOf(line: string): string {
  return line.startsWith('{') ? (JSON.parse(line) as { msg: string }).msg : line;
}
