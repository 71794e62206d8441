/** @jest-config-loader esbuild-register */
import os from 'node:os';
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  // They need a built dashboard and a browser: npm run test:browser.
  testPathIgnorePatterns: ['<rootDir>/test/browser/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'es6' },
      },
    ],
  },
  // Most specs wait for servers and clocks and use a third of a core: more workers than cores. As a number, because jest
  // takes 150 % for 150 workers.
  maxWorkers: Math.ceil(os.availableParallelism() * 1.5),
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  // Ends a test that hangs. A busy machine needs many times what a quiet one does, and no test may fail by that.
  testTimeout: 180_000,
};
export default config;
