import { describe, expect, it } from '@jest/globals';
import { COLUMN_KEYS } from '../../../src/dashboard/board/columns.ts';
import { explainColumns, helpOf } from '../../../src/dashboard/board/help.ts';

describe('the texts of the columns', () => {
  it('explain every column, once for columns of one meaning', () => {
    const explained = explainColumns(COLUMN_KEYS);
    expect(explained.find((it) => it.text === helpOf('d5'))?.label).toBe('Δ 5m, 15m, 30m, 1h, 4h, 24h');
    expect(explained.find((it) => it.text === helpOf('quad'))?.label).toBe('Price × OI');
    expect(explained.length).toBe(new Set(COLUMN_KEYS.map(helpOf)).size);
    expect(explained.filter((it) => it.text === '' || it.text.length > 90)).toEqual([]);
  });
});
