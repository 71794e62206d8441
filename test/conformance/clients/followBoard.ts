import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { followBoard } from '../../../src/client/openInterestClient.ts';

const { OI_URL, OI_TOKEN_FILE } = process.env;
const board = followBoard(OI_URL!, { token: () => readFileSync(OI_TOKEN_FILE!, 'utf8') });
createInterface({ input: process.stdin }).on('line', () => {
  const { position, rows } = board.state();
  console.log(JSON.stringify({ ...position, rows: [...rows.values()] }));
});
