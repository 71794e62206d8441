// Prints the spec files that failed in a run of jest, from its JSON: `.ci/run` runs them again alone. Prints none when more
// failed than load explains.
import { existsSync, readFileSync } from 'node:fs';

const MOST = 12;
const [results] = process.argv.slice(2);

if (existsSync(results)) {
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  const failed = testResults.filter((it) => it.status === 'failed').map((it) => it.name);
  if (failed.length <= MOST) for (const name of failed) console.log(name);
}
