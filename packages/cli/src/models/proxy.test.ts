import { expect, test } from 'vitest';
import { proxiesOf, proxyTo } from './proxy.ts';

test('proxies are read as curl reads them, with or without a scheme', () => {
  expect(
    proxiesOf({ http_proxy: 'a:1', HTTP_PROXY: 'http://b:2', HTTPS_PROXY: ' http://u:p@c:3 ' }),
  ).toEqual({ http_proxy: 'http://a:1', https_proxy: 'http://u:p@c:3' });
  expect(proxiesOf({ ALL_PROXY: 'http://d:4', HTTP_PROXY: '', NO_PROXY: 'localhost' })).toEqual({
    http_proxy: 'http://d:4',
    https_proxy: 'http://d:4',
    no_proxy: 'localhost',
  });
  expect(proxiesOf({})).toEqual({});
});

test('a proxy of another kind is refused by the name of its variable', () => {
  expect(() => proxiesOf({ HTTPS_PROXY: 'socks5://a:1' })).toThrow('HTTPS_PROXY');
});

test('the proxy that leads to an address is named, without its password', () => {
  const HTTPS_PROXY = 'http://user:secret@proxy.example:3128';
  expect(proxyTo('https://hub.example', { HTTPS_PROXY })).toBe('proxy.example:3128');
  expect(proxyTo('http://hub.example', { HTTPS_PROXY })).toBeUndefined();
  for (const NO_PROXY of ['*', 'hub.example', '.example', 'a, hub.example:8443']) {
    expect(proxyTo('https://hub.example:8443', { HTTPS_PROXY, NO_PROXY })).toBeUndefined();
  }
  expect(proxyTo('https://hub.example', { HTTPS_PROXY, NO_PROXY: 'b.example' })).toBeDefined();
});
