/**
 * The proxies that the environment names, as curl and pip take them: `HTTP_PROXY`, `HTTPS_PROXY`,
 * `ALL_PROXY` and `NO_PROXY`, in capitals or not. Node's `fetch` uses them only when it is told.
 */
import * as http from 'node:http';
import { UsageError } from '../failures/failures.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What Node 24.14 and later have; before, only `NODE_USE_ENV_PROXY=1` helps. */
type SetProxies = (environment: Record<string, string>) => unknown;

/** Proxies by the names that Node reads. Throws: UsageError for one that no URL can name. */
export function proxiesOf(environment: Environment): Record<string, string> {
  const read = (name: string): string | undefined => {
    // What CGI makes of a header of a request must not name a proxy, so capitals come second.
    const texts = [name, name.toUpperCase()].map((key) => environment[key]?.trim());
    return texts.find((text) => text !== undefined && text !== '');
  };
  const proxies: Record<string, string> = {};
  for (const name of ['http_proxy', 'https_proxy']) {
    const text = read(name) ?? read('all_proxy');
    if (text === undefined) continue;
    const url = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
    if (!/^https?:/i.test(url) || !URL.canParse(url)) {
      throw new UsageError(`the proxy of ${name.toUpperCase()} is no http:// address; mend it`);
    }
    proxies[name] = url;
  }
  const exceptions = read('no_proxy');
  if (exceptions !== undefined) proxies['no_proxy'] = exceptions;
  return proxies;
}

/** Lets `fetch` take the proxies of the environment from here on. */
export function useProxies(environment: Environment): void {
  const proxies = proxiesOf(environment);
  const isNeeded = 'http_proxy' in proxies || 'https_proxy' in proxies;
  if (!isNeeded || environment['NODE_USE_ENV_PROXY'] === '1') return;
  const set = (http as { setGlobalProxyFromEnv?: SetProxies }).setGlobalProxyFromEnv;
  if (set === undefined) {
    throw new UsageError('this Node takes proxies by NODE_USE_ENV_PROXY=1 only; set it too');
  }
  set(proxies);
}

/** Host and port of the proxy that leads to an address, without its password; undefined: none. */
export function proxyTo(address: string, environment: Environment): string | undefined {
  const { protocol, hostname, host } = new URL(address);
  const proxies = proxiesOf(environment);
  const proxy = proxies[protocol === 'https:' ? 'https_proxy' : 'http_proxy'];
  const exceptions = (proxies['no_proxy'] ?? '').split(/[\s,]+/).filter(Boolean);
  const isException = exceptions.some((each) => {
    const name = each.replace(/^\*?\./, '');
    return each === '*' || [hostname, host].some((own) => own === each || own.endsWith(`.${name}`));
  });
  return proxy === undefined || isException ? undefined : new URL(proxy).host;
}
