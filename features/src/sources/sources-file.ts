import { readFileSync } from "node:fs";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

const Path = Type.String({ minLength: 1, maxLength: 256, description: "Names from the outside to the inside, joined by dots." });
const closed = { additionalProperties: false };

const SourceSchema = Type.Object(
  {
    url: Type.String({ pattern: "^https?://", maxLength: 2_048 }),
    /** Pause between the beginnings of two rounds. */
    everySeconds: Type.Number({ minimum: 0.1, maximum: 86_400 }),
    /** For one answer. */
    timeoutSeconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 600 })),
    /** Where the list of rows is in an answer. Default: the answer is the list. */
    rows: Type.Optional(Path),
    /** Where a row's key is. */
    key: Path,
    /** Feature name → where its value is in a row. */
    fields: Type.Record(Type.String({ minLength: 1, maxLength: 256 }), Path, { minProperties: 1 }),
    /** Header name → value; `${NAME}` stands for a variable of the environment. */
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8_192 }))),
    /** Either the path of the next page's URL in an answer, or a parameter that counts pages until one is empty. */
    paging: Type.Optional(
      Type.Union([
        Type.Object({ next: Path }, closed),
        Type.Object({ parameter: Type.String({ minLength: 1 }), from: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
      ]),
    ),
  },
  closed,
);
const FileSchema = Type.Object(
  { sources: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), SourceSchema, { minProperties: 1 }) },
  closed,
);
const file = Compile(FileSchema);

/** One JSON endpoint that provides some features of each row. */
export type SourceConfig = Static<typeof SourceSchema>;

/** The file of SOURCES_PATH cannot be used. */
export class SourcesFileError extends Error {
  override readonly name = "SourcesFileError";

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`The file of sources ${path} ${problem}`, options);
  }
}

/**
 * The sources in a file, with the environment's values in their headers.
 *
 * @throws SourcesFileError if the file cannot be read or is invalid, names a feature twice or a variable that is not set.
 */
export function readSourcesFile(path: string, env: NodeJS.ProcessEnv): ReadonlyMap<string, SourceConfig> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SourcesFileError(path, `cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (!file.Check(value)) {
    const [first] = file.Errors(value).filter(({ keyword }) => keyword !== "boolean");
    throw new SourcesFileError(path, `is not what it must be: ${first?.instancePath ?? ""} ${first?.message ?? ""}: see docs/sources.md.`);
  }
  const owners = new Map<string, string>();
  const sources = Object.entries(value.sources).map(([name, source]): [string, SourceConfig] => {
    for (const feature of Object.keys(source.fields)) {
      const other = owners.get(feature);
      if (other !== undefined)
        throw new SourcesFileError(path, `names the feature ${JSON.stringify(feature)} in ${other} and in ${name}: only one may bring it.`);
      owners.set(feature, name);
    }
    const headers = Object.entries(source.headers ?? {}).map(([header, text]) => [header, filled(path, text, env)]);
    return [name, { ...source, headers: Object.fromEntries(headers) }];
  });
  return new Map(sources);
}

function filled(path: string, text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === "") throw new SourcesFileError(path, `needs the variable ${name}, which is not set.`);
    return value;
  });
}
