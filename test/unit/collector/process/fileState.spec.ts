import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  readOptionalJsonFile,
  writeJsonFile,
  writeJsonFileDurably,
} from '../../../../src/collector/process/fileState.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

const folder = withEach(createTempDir, 'remove');

describe('a JSON file with other readers', () => {
  it('never shows a reader a partial or empty file', async () => {
    const file = path.join(folder.path, 'deep', 'state.json');
    const value = (n: number) => ({ n, filling: 'x'.repeat(100_000) });
    await writeJsonFile(file, value(0));
    let writing = true;
    const writes = (async () => {
      for (let n = 1; n <= 150; n += 1) {
        if (n % 2 === 0) await writeJsonFile(file, value(n));
        else writeJsonFileDurably(file, value(n));
      }
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const text = await fs.promises.readFile(file, 'utf8');
      expect(JSON.parse(text)).toMatchObject({ filling: value(0).filling });
      reads += 1;
    }
    await writes;
    expect(reads).toBeGreaterThan(20);
    expect(readOptionalJsonFile(file)).toMatchObject({ n: 150 });
    expect(fs.readdirSync(path.dirname(file))).toEqual(['state.json']);
  });

  it('survives concurrent writes without mixing them', async () => {
    const file = path.join(folder.path, 'state.json');
    const written = Array.from({ length: 30 }, (_, n) =>
      writeJsonFile(file, { n, filling: 'y'.repeat(50_000) }),
    );
    await Promise.all(written);
    expect(readOptionalJsonFile(file)).toMatchObject({ filling: 'y'.repeat(50_000) });
    expect(fs.readdirSync(folder.path)).toEqual(['state.json']);
  });

  it('is unchanged, without leftovers beside it, when it cannot be replaced', async () => {
    const file = path.join(folder.path, 'taken');
    fs.mkdirSync(path.join(file, 'full'), { recursive: true });
    await expect(writeJsonFile(file, {})).rejects.toThrow();
    expect(() => writeJsonFileDurably(file, {})).toThrow();
    expect(fs.readdirSync(folder.path)).toEqual(['taken']);
  });

  it('reads as undefined when it is absent, empty or torn', () => {
    expect(readOptionalJsonFile(path.join(folder.path, 'absent'))).toBeUndefined();
    for (const text of ['', '{"a":', '\u0000\u0000']) {
      fs.writeFileSync(path.join(folder.path, 'torn'), text);
      expect(readOptionalJsonFile(path.join(folder.path, 'torn'))).toBeUndefined();
    }
    expect(() => readOptionalJsonFile(folder.path)).toThrow();
  });
});
