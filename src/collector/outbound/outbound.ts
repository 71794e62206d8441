import type { Agent as SocketAgent } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { SECOND_MS } from '../../kit/clock.ts';
import { describeProxy, selectProxy } from './proxies.ts';

export const CONNECT_WITHIN_MS = 5 * SECOND_MS;
/** exchangeInfo is 1.1 MB. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;

const CONNECT = { timeout: CONNECT_WITHIN_MS };
const CONNECTIONS: Agent.Options = {
  // Shorter than the exchange's and the server's, so that a request rarely meets a connection that is being closed.
  keepAliveTimeout: 20 * SECOND_MS,
  maxResponseSize: LARGEST_ANSWER_BYTES,
  // Each request has its own time limit, which includes the whole answer.
  headersTimeout: 0,
  bodyTimeout: 0,
};

export type Outbound = ReturnType<typeof createOutbound>;

/**
 * Connections of this process to other machines: direct, or through the proxy that the environment names for a URL. Every
 * client of the collector uses it.
 */
export function createOutbound(env: Readonly<Record<string, string | undefined>>) {
  const direct = new Agent({ ...CONNECTIONS, connect: CONNECT });
  const throughProxies = new Map<string, ProxyAgent>();

  function agentOf(proxy: URL): ProxyAgent {
    const known = throughProxies.get(proxy.href);
    if (known) return known;
    const agent = new ProxyAgent({
      ...CONNECTIONS,
      uri: proxy.href,
      proxyTls: CONNECT,
      requestTls: CONNECT,
      // A tunnel is for https; many proxies refuse one to port 80.
      proxyTunnel: false,
    });
    throughProxies.set(proxy.href, agent);
    return agent;
  }

  return {
    /** For requests by undici to this URL. */
    dispatcherFor(url: string): Dispatcher {
      const proxy = selectProxy(env, url);
      return proxy ? agentOf(proxy.url) : direct;
    },
    /** For `ws`; `undefined`: direct. */
    socketAgentFor(url: string): SocketAgent | undefined {
      const proxy = selectProxy(env, url);
      return proxy ? new HttpsProxyAgent(proxy.url) : undefined;
    },
    /** The proxy to this URL, without its password; `null`: direct. Throws a SettingsError for one that cannot be used. */
    describeProxyTo(url: string): string | null {
      const proxy = selectProxy(env, url);
      return proxy && describeProxy(proxy);
    },
    /** Ends what is under way. */
    async close(): Promise<void> {
      await Promise.all([direct, ...throughProxies.values()].map((it) => it.destroy()));
    },
  };
}
