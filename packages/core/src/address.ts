/** Where a chip waits, as it is written on a command line. */

export interface ChipAddress {
  host: string;
  port: number;
}

/** HOST:PORT, or [HOST]:PORT for IPv6; undefined if it is neither. */
export function parseAddress(text: string): ChipAddress | undefined {
  const [, ipv6, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}
