/**
 * Whether the server has another version of this page: the page that it sends now does not name the script that runs here.
 * Names of scripts contain a hash of their content. `false` without an answer.
 */
export async function hasNewVersion(): Promise<boolean> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  if (script === null) return false;
  try {
    const response = await fetch('/', { cache: 'no-store' });
    return response.ok && !(await response.text()).includes(new URL(script.src).pathname);
  } catch {
    return false;
  }
}
