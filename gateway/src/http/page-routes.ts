import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** A file of the pages, as it is sent. */
interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};
/** Browsers heed these in documents alone. The page consists of forty scripts, and they would be a seventh of what it takes. */
const OF_DOCUMENTS = [
  "content-security-policy",
  "cross-origin-opener-policy",
  "origin-agent-cluster",
  "referrer-policy",
  "x-dns-prefetch-control",
  "x-download-options",
  "x-frame-options",
  "x-permitted-cross-domain-policies",
  "x-xss-protection",
];
/** What programs pace themselves by; a page cannot, and asks for its scripts once. */
const OF_PROGRAMS = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
/** Nothing but the gateway's own files, and no code or style within a page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ASSETS = new URL("../../assets/page/", import.meta.url);
/** Compiled from src/page; the same place from `src` and from `dist`. */
const SCRIPTS = new URL("../../dist/page/", import.meta.url);

/** The pages: live at `/`, jobs at `/jobs` for browsers, and their files. */
export function pageRoutes(app: FastifyInstance): void {
  const files = readFiles();
  const pages = { "/": files.get("live.html"), "/jobs": files.get("jobs.html"), "/login": files.get("login.html") };
  app.get("/page/*", { schema: { hide: true } }, (request: FastifyRequest<{ Params: { "*": string } }>, reply) => {
    const file = files.get(request.params["*"]);
    return file === undefined ? reply.callNotFound() : send(file, request, reply);
  });
  // Browsers ask for it beside every answer that is no page, such as the status.
  const icon = files.get("icon.svg");
  if (icon !== undefined) app.get("/favicon.ico", { schema: { hide: true } }, (request, reply) => send(icon, request, reply));
  for (const [url, file] of Object.entries(pages)) {
    if (file === undefined) continue;
    // GET /jobs is the list of jobs too: a browser that opens it asks for HTML.
    const only = url === "/jobs" ? { constraints: { document: "html" } } : {};
    app.get(url, { schema: { hide: true }, ...only }, (request, reply) =>
      send(file, request, reply.header("content-security-policy", POLICY)),
    );
  }
}

type ConstraintStrategy = Parameters<FastifyInstance["addConstraintStrategy"]>[0];
type RouteHandler = NonNullable<ReturnType<ReturnType<ConstraintStrategy["storage"]>["get"]>>;

/** Tells documents, which browsers open, from data at the same address. */
export const documentConstraint: ConstraintStrategy = {
  name: "document",
  storage: () => {
    const handlers = new Map<unknown, RouteHandler>();
    return {
      get: (value) => handlers.get(value) ?? null,
      set: (value, handler) => void handlers.set(value, handler),
    };
  },
  validate: () => undefined,
  deriveConstraint: ({ headers }) => (headers.accept?.includes("text/html") === true ? "html" : undefined),
};

function send({ type, plain, gzipped, etag }: PageFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (type === TYPES["js"] || type === TYPES["css"]) for (const name of [...OF_DOCUMENTS, ...OF_PROGRAMS]) reply.removeHeader(name);
  // Browsers ask each time whether a file has changed: after an upgrade no page runs with the scripts of another.
  reply.headers({ "content-type": type, "cache-control": "no-cache", vary: "accept, accept-encoding", etag });
  if (headers["if-none-match"] === etag) return reply.code(304).send();
  if (!/\bgzip\b/.test(headers["accept-encoding"] ?? "")) return reply.send(plain);
  return reply.header("content-encoding", "gzip").send(gzipped);
}

function readFiles(): Map<string, PageFile> {
  const files = [ASSETS, SCRIPTS].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => Object.hasOwn(TYPES, suffixOf(name)))
      .map((name) => name.replaceAll("\\", "/"))
      .map((name) => [name, fileOf(new URL(name, folder))] as const),
  );
  return new Map([...files, ["uplot.js", fileOf(inUplot("uPlot.iife.min.js"))], ["uplot.css", fileOf(inUplot("uPlot.min.css"))]]);
}

function inUplot(name: string): URL {
  return new URL(import.meta.resolve(`uplot/dist/${name}`));
}

function fileOf(url: URL): PageFile {
  const plain = readFileSync(fileURLToPath(url));
  const hash = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
  return { type: TYPES[suffixOf(url.pathname)] ?? "", plain, gzipped: gzipSync(plain, { level: 9 }), etag: `W/"${hash}"` };
}

function suffixOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
