/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import everyTest from '../../jest.config.ts';

/** The cases in a browser: `npm run test:browser`. One after the other: a browser uses both cores of a small machine. */
const config: Config = {
  ...everyTest,
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/browser/support/globalSetup.ts',
  maxWorkers: 1,
  testTimeout: 120_000,
};
export default config;
