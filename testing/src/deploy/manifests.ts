import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { builtFile } from "../built-file.js";

export const FOLDER = "deploy/kubernetes";

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom: readonly object[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: { readonly requests: object; readonly limits: { readonly memory: string } };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly securityContext: object;
    readonly automountServiceAccountToken: boolean;
    readonly enableServiceLinks: boolean;
    readonly terminationGracePeriodSeconds: number;
    readonly containers: readonly Container[];
    readonly volumes: readonly { readonly name: string }[];
  };
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export interface Kustomization {
  readonly apiVersion: string;
  readonly kind: "Kustomization" | "Component";
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly target: { readonly kind: string; readonly name: string }; readonly patch: string }[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly behavior?: string;
    readonly envs?: readonly string[];
    readonly literals?: readonly string[];
  }[];
}

/** A change of a JSON patch (RFC 6902). */
export interface Change {
  readonly op: "add" | "replace" | "remove" | "test";
  readonly path: string;
  readonly value?: unknown;
}

/** What an object is after these changes. @throws if a test fails, or the place of a change is not there */
export function patched<M extends Manifest>(manifest: M, changes: readonly Change[]): M {
  const result = structuredClone(manifest);
  for (const change of changes) apply(result, change);
  return result;
}

function apply(manifest: Manifest, { op, path, value }: Change): void {
  const keys = path.split("/").slice(1);
  const last = keys.pop() ?? "";
  const parent: unknown = keys.reduce((at: unknown, key) => Object(at)[key], manifest);
  if (Array.isArray(parent) && op === "add" && last === "-") return void parent.push(value);
  const found: unknown = Object(parent)[last];
  if (found === undefined && op !== "add") throw new Error(`${manifest.metadata.name} has no ${path}.`);
  if (op === "test" && JSON.stringify(found) !== JSON.stringify(value)) throw new Error(`${path} is ${JSON.stringify(found)}.`);
  if (op === "remove") Reflect.deleteProperty(Object(parent), last);
  else if (op !== "test") Object.assign(Object(parent), { [last]: value });
}

/** Paths of all YAML files below deploy/kubernetes, relative to it. */
export function yamlPaths(): string[] {
  const entries = readdirSync(builtFile(FOLDER), { recursive: true, encoding: "utf8" });
  return entries.filter((path) => path.endsWith(".yaml")).toSorted();
}

function documentsOf<Content>(path: string): Content[] {
  return parseAllDocuments(readFileSync(builtFile(join(FOLDER, path)), "utf8")).map((document) => document.toJS());
}

const isKustomization = (path: string) => path.endsWith("kustomization.yaml");

/** Every object that is not for kustomize itself, and its file. */
export function allManifests(): { readonly path: string; readonly manifest: Manifest }[] {
  const paths = yamlPaths().filter((path) => !isKustomization(path));
  return paths.flatMap((path) => documentsOf<Manifest>(path).map((manifest) => ({ path, manifest })));
}

/** Every kustomization, and its folder. */
export function kustomizations(): { readonly folder: string; readonly kustomization: Kustomization }[] {
  const paths = yamlPaths().filter(isKustomization);
  return paths.flatMap((path) => documentsOf<Kustomization>(path).map((kustomization) => ({ folder: join(path, ".."), kustomization })));
}

export function isWorkload(manifest: Manifest): manifest is Workload {
  return "template" in manifest.spec;
}
