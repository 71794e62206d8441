/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import everyTest from '../../jest.config.ts';

/** The cases in a browser: `npm run test:browser`. Each worker has a browser of several processes: one worker a core. */
const config: Config = {
  ...everyTest,
  rootDir: '../..',
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/browser/support/globalSetup.ts',
  maxWorkers: '100%',
  testTimeout: 120_000,
};
export default config;
