// `node healthcheck.mjs [url]`: exit code 0 if the address answers 2xx within 3 s. Without an argument it asks the server of
// this container whether it is alive, not whether it is ready: a restart does not bring back a database.
const url = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT || 3001}/livez`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
} catch (thrown) {
  console.error(thrown.cause?.code ?? thrown.message);
  process.exitCode = 1;
}
