/** Where a model server has a model: `http://host:port/v2/models/NAME`, perhaps with `/versions/V`. */
export interface ModelUrl {
  /** Of the model, without a slash at its end and without an account. */
  readonly base: string;
  readonly name: string;
  /** The version that the URL asks for; undefined if the server chooses. */
  readonly version: string | undefined;
  /** The header that an account in the URL becomes. */
  readonly authorization: string | undefined;
}

const PATH = /^.*\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/?$/;

/** @throws Error whose message completes "it …". */
export function parseModelUrl(text: string): ModelUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [path, name, version] = PATH.exec(url?.pathname ?? "") ?? [];
  if (url === undefined || path === undefined || name === undefined || !/^https?:$/.test(url.protocol) || url.search !== "")
    throw new Error("must be a URL like http://host:8000/v2/models/NAME");
  const account = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    base: `${url.origin}${path.replace(/\/$/, "")}`,
    name: decodeURIComponent(name),
    version: version === undefined ? undefined : decodeURIComponent(version),
    authorization: account === ":" ? undefined : `Basic ${Buffer.from(account).toString("base64")}`,
  };
}
