// Run by `npm install` and `npm ci`: builds, where there is what a build needs. With `--omit=dev` there is not, and that is
// no fault: `dist` then comes from where it was built.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const missing = ['typescript', 'vite'].filter((name) => !isInstalled(name));
if (missing.length > 0) {
  console.log(
    `not built: ${missing.join(' and ')} are development packages and not installed; bring dist along`,
  );
} else {
  const { status, error } = spawnSync('npm run -s build', { shell: true, stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 1;
}

function isInstalled(name) {
  try {
    resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
