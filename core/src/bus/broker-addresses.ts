/** More than any cluster has nodes. */
export const MOST_ADDRESSES = 16;

/** The default ports, so that `a` and `a:5672` are known as one address. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "amqp:": "5672", "amqps:": "5671" };

/**
 * A broker's URL as one URL for each address in it, in their order: `amqp://u:p@a:5672,b/v` is `amqp://u:p@a:5672/v` and `amqp://u:p@b/v`.
 * User, password, path and query are the same for all.
 *
 * @throws Error whose message completes "NAME …", without the password.
 */
export function addressesOf(url: string): readonly [string, ...string[]] {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(url);
  if (parts === null) return [parsable(url)];
  const [, scheme = "", authority = "", rest = ""] = parts;
  const at = authority.lastIndexOf("@") + 1;
  const account = authority.slice(0, at);
  if (/@.*,.*@/s.test(account))
    throw new Error("must have user and password once, before the first address: amqp://user:password@a:5672,b:5672 (an @ in them is %40)");
  const [first = "", ...others] = authority.slice(at).split(",");
  if (others.length === 0) return [parsable(url)];
  if (others.length >= MOST_ADDRESSES) throw new Error(`must have at most ${MOST_ADDRESSES} addresses, and it has ${others.length + 1}`);
  for (const [index, address] of [first, ...others].entries()) requireAddress(scheme, address, index + 1);
  requireDifferent(scheme, [first, ...others]);
  const urlAt = (address: string) => parsable(`${scheme}${account}${address}${rest}`);
  return [urlAt(first), ...others.map(urlAt)];
}

function parsable(url: string): string {
  if (!URL.canParse(url)) throw new Error("must be a URL");
  return url;
}

function requireAddress(scheme: string, address: string, number: number): void {
  if (/^[^\s:]+(:\d+)?$|^\[[0-9a-f:.]+\](:\d+)?$/i.test(address) && URL.canParse(`${scheme}${address}`)) return;
  throw new Error(`must have addresses like host:5672, separated by commas; number ${number} is ${JSON.stringify(address)}`);
}

function requireDifferent(scheme: string, addresses: readonly string[]): void {
  const seen = new Set<string>();
  for (const address of addresses) {
    const { hostname, port } = new URL(`${scheme}${address}`);
    const known = `${hostname}:${port || DEFAULT_PORTS[scheme.slice(0, -2).toLowerCase()]}`.toLowerCase();
    if (seen.has(known)) throw new Error(`must have different addresses; ${address} is there twice`);
    seen.add(known);
  }
}
